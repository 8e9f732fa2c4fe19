/**
 * What a transport over byte streams is made of: frames in and out with backpressure, connections that wait to be accepted, and
 * what is said of them. For authors of transports: `@gc/transport-tcp` and `@gc/transport-ws` are made with it.
 *
 * @since 0.1.0
 */
export { Backlog, type Incoming, type Pending } from "./internal/stream/backlog.ts"
export { type ByteStream, type Remote, remoteOf } from "./internal/stream/byteStream.ts"
export { dialed, type DialedSocket } from "./internal/stream/dialing.ts"
export { errorCode, failure, isCertificateError, openReason, streamReason } from "./internal/stream/errors.ts"
export {
  acceptFrom,
  bind,
  gather,
  type Gathering,
  type IncomingSocket,
  type StreamServer
} from "./internal/stream/incoming.ts"
export { type DropReason, Notices } from "./internal/stream/notices.ts"
export {
  type DialOptions,
  makeStreams,
  modeOf,
  type OpeningSocket,
  proven,
  provePlain,
  type SocketOptions,
  socketOptions,
  type StreamMakers,
  type StreamNames,
  type Streams
} from "./internal/stream/streams.ts"
export { Wire } from "./internal/stream/wire.ts"
