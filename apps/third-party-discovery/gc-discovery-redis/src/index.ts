/**
 * Discovery by leases in Redis or Valkey: each node keeps a key of its own there, and reads the others'.
 *
 * ```ts
 * import * as Redis from "gc-discovery-redis"
 *
 * Redis.layer({ url: "redis://rosa:6379" })
 * ```
 */
export * from "./Redis.ts"
