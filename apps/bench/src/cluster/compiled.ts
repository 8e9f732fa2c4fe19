/**
 * The programs of the processes as plain JavaScript beside what they import: a process that has to strip types itself holds the memory
 * of the compiler, and takes longer to load.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { stripTypeScriptTypes } from "node:module"
import { basename, join } from "node:path"
import { rivals } from "./modules.ts"

/** Where they lie: in the rivals' node_modules, so that gc is found as it is published. */
const folder = join(rivals, "node_modules", ".gc-cluster")

/** Relative imports: all programs lie in one folder. */
const relative = /(from\s+")(?:[^"]*\/)?([^"/]+)\.ts(")/g

/** It works, and warns that its name may change. */
const strip = (text: string): string => {
  const { emitWarning } = process
  process.emitWarning = () => {}
  try {
    return stripTypeScriptTypes(text)
  } finally {
    process.emitWarning = emitWarning
  }
}

const done = new Map<string, string>()

/** The compiled form of a program, and of what it imports from its side. */
export const compiled = (program: string): string => {
  const known = done.get(program)
  if (known !== undefined) return known
  const text = strip(readFileSync(program, "utf8"))
  const file = join(folder, `${basename(program, ".ts")}.mjs`)
  done.set(program, file)
  for (const [, specifier = ""] of text.matchAll(/from\s+"(\.[^"]*\.ts)"/g)) compiled(join(program, "..", specifier))
  mkdirSync(folder, { recursive: true })
  writeFileSync(file, text.replaceAll(relative, "$1./$2.mjs$3"))
  return file
}
