export * as SeededEntropy from "./SeededEntropy.ts"
export * as SimulatedNetwork from "./SimulatedNetwork.ts"
export * as TestConfiguration from "./TestConfiguration.ts"
export * as TestDiscovery from "./TestDiscovery.ts"
