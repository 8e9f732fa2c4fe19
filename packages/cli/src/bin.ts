#!/usr/bin/env node
/**
 * The program `gcluster`. Everything is loaded here and in the commands' handlers, so that `--version` and `--help` read
 * little.
 */
import { enableCompileCache } from "node:module"

enableCompileCache()

const { main } = await import("./internal/main.ts")

main(process.argv.slice(2))
