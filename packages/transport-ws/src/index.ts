export * from "./Ws.ts"
