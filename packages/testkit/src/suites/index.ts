export * as DiscoveryCapabilities from "./DiscoveryCapabilities.ts"
export { discoverySuite } from "./discoverySuite.ts"
export * as TransportCapabilities from "./TransportCapabilities.ts"
export { transportSuite } from "./transportSuite.ts"
