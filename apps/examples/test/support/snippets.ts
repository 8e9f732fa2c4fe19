import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

export const root = fileURLToPath(new URL("../../../..", import.meta.url))

/** The TypeScript of every document, by a name that tells where it stands. */
export const snippets = globSync(["README.md", "docs/**/*.md", "packages/*/README.md"], { cwd: root }).flatMap(
  (document) =>
    Array.from(
      readFileSync(join(root, document), "utf8").matchAll(/^```ts\n(.*?)^```$/gms),
      ([, code = ""], index) => ({
        name: `${document.replaceAll(/[^A-Za-z0-9-]+/g, "_")}_${index + 1}.ts`,
        code
      })
    )
)
