/**
 * The options that transports over sockets have in common, with their defaults, checks and schemas: for authors of
 * transports. `@gc/transport-tcp` and `@gc/transport-ws` are made with it.
 *
 * @since 0.1.0
 */
export {
  type Advertise,
  advertised,
  bindHost,
  type Checked,
  defaultPort,
  type OwnOptions,
  readAdvertise,
  resolve,
  type StreamOptions,
  type StreamSettings,
  wrong
} from "./internal/stream/options.ts"
export { fields } from "./internal/stream/schema.ts"
