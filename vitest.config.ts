import { existsSync, readdirSync } from "node:fs"
import { defineConfig } from "vitest/config"

/**
 * Which tests: `quick`, those of a newcomer's `npm test`; `long`, the others, `*.long.test.ts`: they start many processes, wait
 * for real time, or try thousands of cases; all of them where nothing is said.
 */
const chosen = process.env["GC_TESTS"]
const which = (extension: string) => ({
  include: [chosen === "long" ? `test/**/*.long.test.${extension}` : `test/**/*.test.${extension}`],
  exclude: ["**/node_modules/**", ...(chosen === "quick" ? [`**/*.long.test.${extension}`] : [])]
})

/** One project per package or app that has tests; each is named after its package, `@gc/<folder>`. */
const projects = ["packages", "apps"].flatMap((group) =>
  readdirSync(new URL(`${group}/`, import.meta.url))
    .filter((folder) => existsSync(new URL(`${group}/${folder}/test`, import.meta.url)))
    .map((folder) => ({
      root: `${group}/${folder}`,
      test: { name: `@gc/${folder}`, ...which("ts"), isolate: chosen !== "quick" }
    }))
)

const scripts = { root: "scripts", test: { name: "scripts", ...which("mjs"), isolate: chosen !== "quick" } }

export default defineConfig({
  test: {
    projects: [...projects, scripts],
    reporters: ["default"],
    // Node strips the types itself: to transform every module takes a newcomer longer than to run it.
    experimental: { viteModuleRunner: chosen !== "quick" },
    // Many tests wait for sockets and processes more than they compute.
    maxWorkers: chosen === "quick" ? 2 : 4,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // A promise or a fiber that fails unseen fails the run.
    dangerouslyIgnoreUnhandledErrors: false,
    passWithNoTests: false
  }
})
