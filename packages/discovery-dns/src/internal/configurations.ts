import * as Effect from "effect/Effect"
import { promises as files } from "node:fs"
import { ConfigurationUnreadable } from "../ResolveError.ts"
import { errorCode } from "./errorCode.ts"
import { monotonicMillis } from "./monotonic.ts"
import { type Configuration, parseResolvConf } from "./resolvConf.ts"

/** How long a file is taken to be as it was. */
const freshMillis = 1000

/** The most that is read of a file, in bytes. */
const maxBytes = 65_536

/** The configuration in a file, read again when the file has changed. */
export const fromFile = (path: string): Effect.Effect<Configuration, ConfigurationUnreadable> => {
  let known: { readonly stamp: string; readonly configuration: Configuration } | undefined
  let lookedAt = Number.NEGATIVE_INFINITY
  return Effect.gen(function* () {
    const now = yield* monotonicMillis
    if (known !== undefined && now - lookedAt < freshMillis) return known.configuration
    const before = known
    const next = yield* Effect.tryPromise({
      try: async () => {
        const { ino, mtimeMs, size } = await files.stat(path)
        const stamp = `${ino} ${mtimeMs} ${size}`
        return stamp === before?.stamp ? before : { stamp, configuration: parseResolvConf(await start(path)) }
      },
      catch: (error) => new ConfigurationUnreadable({ path, code: errorCode(error) })
    })
    known = next
    lookedAt = now
    return next.configuration
  })
}

const start = async (path: string): Promise<string> => {
  const file = await files.open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(maxBytes), 0, maxBytes, 0)
    return buffer.toString("utf8", 0, bytesRead)
  } finally {
    await file.close()
  }
}
