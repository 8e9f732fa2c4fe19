export * from "./Static.ts"
