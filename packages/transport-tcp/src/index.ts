export * from "./Tcp.ts"
