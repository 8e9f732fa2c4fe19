export * from "./Gossip.ts"
