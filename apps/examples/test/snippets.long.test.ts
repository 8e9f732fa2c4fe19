import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { execFile } from "node:child_process"
import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { commentExamples, foreignPackages } from "./support/commentExamples.ts"
import { root, snippets } from "./support/snippets.ts"

const folder = fileURLToPath(new URL("../.snippets", import.meta.url))

const settings = {
  extends: join(root, "tsconfig.base.json"),
  compilerOptions: {
    composite: false,
    incremental: false,
    noEmit: true,
    rootDir: root,
    rewriteRelativeImportExtensions: false,
    allowImportingTsExtensions: true,
    noUnusedLocals: false,
    paths: {
      "@gc/testkit/suites": [join(root, "packages/testkit/src/suites/index.ts")],
      "@gc/core/*": [join(root, "packages/core/src/*.ts")],
      "@gc/*": [join(root, "packages/*/src/index.ts")]
    }
  },
  include: ["*.ts"]
}

const typecheck = Effect.callback<string>((resume) => {
  const tsc = join(root, "node_modules/.bin/tsc")
  execFile(tsc, ["-p", folder], (error, stdout) =>
    resume(Effect.succeed(error === null ? "" : stdout || error.message))
  )
})

describe("the snippets of documents and comments", () => {
  it.live(
    "type-check against the packages as they are",
    () =>
      Effect.gen(function* () {
        assert.isAbove(snippets.length, 40)
        assert.isAbove(commentExamples.length, 6)
        rmSync(folder, { recursive: true, force: true })
        mkdirSync(folder)
        for (const { code, name } of [...snippets, ...commentExamples]) {
          writeFileSync(join(folder, name), code)
        }
        writeFileSync(join(folder, "foreign.d.ts"), foreignPackages)
        writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(settings))
        assert.strictEqual(yield* typecheck, "")
      }).pipe(Effect.ensuring(Effect.sync(() => rmSync(folder, { recursive: true, force: true })))),
    120_000
  )
})
