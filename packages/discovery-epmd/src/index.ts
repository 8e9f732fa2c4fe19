export * from "./Epmd.ts"
export * as Client from "./Client.ts"
export * as Daemon from "./Daemon.ts"
