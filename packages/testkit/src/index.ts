export * as SimulatedNetwork from "./SimulatedNetwork.ts"
