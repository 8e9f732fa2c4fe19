import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { randomBytes } from "node:crypto"
import { rmSync, writeFileSync } from "node:fs"
import { failure, messageOf } from "../internal/failure.ts"
import { json } from "../internal/flags.ts"
import { note, print, printJson } from "../internal/output.ts"

const store = (path: string, cookie: string) =>
  Effect.try({
    try: () => {
      writeFileSync(path, "", { mode: 0o600, flag: "wx" })
      try {
        writeFileSync(path, `${cookie}\n`, { flush: true })
      } catch (error) {
        rmSync(path, { force: true })
        throw error
      }
    },
    catch: (error) =>
      failure(
        "failed",
        (error as NodeJS.ErrnoException).code === "EEXIST"
          ? `${path} exists, and a cookie is never replaced: give another path, or remove the file once no node needs it`
          : `the cookie cannot be stored: ${messageOf(error)}`
      )
  })

export const keygen = Command.make("keygen", {
  out: Flag.File("out").pipe(
    Flag.withAlias("o"),
    Flag.withDescription("Store the cookie in this new file, which only its owner may read (mode 0600)"),
    Flag.optional
  ),
  json
}).pipe(
  Command.withDescription("Make a cookie: 32 random bytes, which the nodes of a cluster share."),
  Command.withShortDescription("Make a cookie"),
  Command.withExamples([
    { command: "gcluster keygen", description: "Print a cookie, for GC_COOKIE or a secret of Kubernetes" },
    { command: "gcluster keygen --out orders.cookie", description: 'Store one, for "cookieFile": "orders.cookie"' }
  ]),
  Command.withHandler(
    Effect.fnUntraced(function* (given) {
      const cookie = `hex:${randomBytes(32).toString("hex")}`
      if (Option.isNone(given.out)) return yield* given.json ? printJson({ cookie }) : print(cookie)
      const path = given.out.value
      yield* store(path, cookie)
      yield* given.json ? printJson({ cookieFile: path }) : note(`stored in ${path}, mode 0600`)
    })
  )
)
