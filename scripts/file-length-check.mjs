/** A source file longer than this has more than one concept in it. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { root, workspaceFolders } from "./bootstrap.mjs"
import { report, sourceFiles } from "./sources.mjs"

const limit = 300

const files = ["scripts", "apps/bench/rivals", ...workspaceFolders().map((folder) => `${folder}/src`)].flatMap(
  sourceFiles
)
const lines = (file) => readFileSync(join(root, file), "utf8").trimEnd().split("\n").length

report(
  files
    .filter((file) => lines(file) > limit)
    .map((file) => `${file} has ${lines(file)} lines; split it (${limit} at most)`),
  `${files.length} source files, none over ${limit} lines.`
)
