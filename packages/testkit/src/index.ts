export * as SeededEntropy from "./SeededEntropy.ts"
export * as SimulatedNetwork from "./SimulatedNetwork.ts"
export * as TestDiscovery from "./TestDiscovery.ts"
