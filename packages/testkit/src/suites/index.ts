export * as TransportCapabilities from "./TransportCapabilities.ts"
export { transportSuite } from "./transportSuite.ts"
