/**
 * The protocol between nodes, GC/1: pure, without I/O, clock or global randomness. For simulators and for the curious; it may
 * change in any minor version.
 */
export * from "./addresses.ts"
export * from "./beacon.ts"
export * from "./beaconSenders.ts"
export * from "./decisions.ts"
export * from "./figures.ts"
export * from "./identity.ts"
export { clusterTag } from "./keys.ts"
export * from "./linkFrames.ts"
export * from "./metadata.ts"
export * from "./names.ts"
export * from "./node.ts"
export * from "./observation.ts"
export { makeRandom, type Random } from "./random.ts"
export { initial, type NodeState } from "./state.ts"
export { members, type Step, step } from "./step.ts"
