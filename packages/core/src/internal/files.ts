import { linkSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"

/** What came of reading a secret: its text, or why not. */
export type SecretFile =
  | { readonly _tag: "Read"; readonly text: string }
  | { readonly _tag: "Missing" }
  | { readonly _tag: "Exposed"; readonly mode: string }
  | { readonly _tag: "Failed"; readonly detail: string }

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? String(error)

/** Reads a secret that nobody else on the machine may read. On Windows, where modes mean nothing, they are not looked at. */
export const readSecret = (path: string): SecretFile => {
  try {
    const mode = statSync(path).mode & 0o777
    if (process.platform !== "win32" && (mode & 0o077) !== 0) {
      return { _tag: "Exposed", mode: `0${mode.toString(8)}` }
    }
    return { _tag: "Read", text: readFileSync(path, "utf8").replace(/\r?\n$/, "") }
  } catch (error) {
    return codeOf(error) === "ENOENT" ? { _tag: "Missing" } : { _tag: "Failed", detail: codeOf(error) }
  }
}

/** Makes a secret's file, mode 0600, whole or not at all. Whoever comes second reads what the first one wrote. */
export const createSecret = (path: string, text: string, suffix: string): SecretFile => {
  const draft = `${path}.${suffix}`
  try {
    write(draft, text)
    publish(draft, path, text)
    return { _tag: "Read", text }
  } catch (error) {
    return codeOf(error) === "EEXIST" ? readSecret(path) : { _tag: "Failed", detail: codeOf(error) }
  } finally {
    rmSync(draft, { force: true })
  }
}

const write = (path: string, text: string): void => writeFileSync(path, `${text}\n`, { mode: 0o600, flag: "wx" })

/** A link replaces nothing; a file system without links gets a second file, for a moment not whole. */
const publish = (draft: string, path: string, text: string): void => {
  try {
    linkSync(draft, path)
  } catch (error) {
    if (!["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"].includes(codeOf(error))) throw error
    write(path, text)
  }
}
