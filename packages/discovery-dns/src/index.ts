export * from "./Dns.ts"
export * as Resolver from "./Resolver.ts"
