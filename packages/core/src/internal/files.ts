import { closeSync, constants, fstatSync, linkSync, openSync, readSync, rmSync, writeFileSync } from "node:fs"
import { homedir } from "node:os"
import { dirname, resolve } from "node:path"

/** What came of reading a secret: its text, or why not. */
export type SecretFile =
  | { readonly _tag: "Read"; readonly text: string }
  | { readonly _tag: "Missing" }
  | { readonly _tag: "Exposed"; readonly mode: string }
  | { readonly _tag: "Failed"; readonly detail: string }

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? String(error)

/** Reads a secret that nobody else on the machine may read. On Windows, where modes mean nothing, they are not looked at. */
export const readSecret = (path: string): SecretFile => {
  const file = readBounded(path)
  if (file._tag !== "Read") return file
  if (isExposed(file.mode)) return { _tag: "Exposed", mode: `0${file.mode.toString(8)}` }
  return { _tag: "Read", text: new TextDecoder().decode(file.bytes).replace(/\r?\n$/, "") }
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

/** The most that is read of a file that a configuration names. */
const maxFileBytes = 1024 * 1024

/** What came of reading a file: its bytes and who may read them, or why not. `mode` is such as 0o644. */
export type BoundedFile =
  | { readonly _tag: "Read"; readonly bytes: Uint8Array; readonly mode: number }
  | { readonly _tag: "Missing" }
  | { readonly _tag: "Failed"; readonly detail: string }

/** Whether others than its owner may read a file of this mode. On Windows, where modes mean nothing, nobody is others. */
export const isExposed = (mode: number): boolean => process.platform !== "win32" && (mode & 0o077) !== 0

/** Where nobody writes into a pipe, opening it would wait. There is no such flag on Windows. */
const openFlags = constants.O_RDONLY | (process.platform === "win32" ? 0 : constants.O_NONBLOCK)

/** Reads at most 1 MiB of a regular file; nothing else is waited for. */
export const readBounded = (path: string): BoundedFile => {
  try {
    const file = openSync(path, openFlags)
    try {
      const status = fstatSync(file)
      if (status.isDirectory()) return { _tag: "Failed", detail: "it is a directory" }
      if (!status.isFile()) return { _tag: "Failed", detail: "it is a pipe or a device" }
      const bytes = readUpTo(file, maxFileBytes + 1)
      return bytes.length > maxFileBytes
        ? { _tag: "Failed", detail: `it has more than ${maxFileBytes} bytes` }
        : { _tag: "Read", bytes, mode: status.mode & 0o777 }
    } finally {
      closeSync(file)
    }
  } catch (error) {
    return codeOf(error) === "ENOENT" ? { _tag: "Missing" } : { _tag: "Failed", detail: codeOf(error) }
  }
}

const readUpTo = (file: number, limit: number): Uint8Array => {
  const chunks: Array<Uint8Array> = []
  let length = 0
  while (length < limit) {
    const chunk = new Uint8Array(Math.min(64 * 1024, limit - length))
    const count = readSync(file, chunk)
    if (count === 0) break
    chunks.push(chunk.subarray(0, count))
    length += count
  }
  return Buffer.concat(chunks)
}

/** The absolute path; `~/` is the user's home, anything relative is in `directory` or else in the working directory. */
export const absolute = (path: string, directory = "."): string =>
  path.startsWith("~/") ? resolve(homedir(), path.slice(2)) : resolve(directory, path)

export const directoryOf = (path: string): string => dirname(path)
