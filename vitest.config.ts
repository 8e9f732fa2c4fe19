import { existsSync, readdirSync } from "node:fs"
import { defineConfig } from "vitest/config"

/** One project per package or app that has tests; each is named after its package, `@gc/<folder>`. */
const projects = ["packages", "apps"].flatMap((group) =>
  readdirSync(new URL(`${group}/`, import.meta.url))
    .filter((folder) => existsSync(new URL(`${group}/${folder}/test`, import.meta.url)))
    .map((folder) => ({
      root: `${group}/${folder}`,
      test: { name: `@gc/${folder}`, include: ["test/**/*.test.ts"], isolate: true }
    }))
)

const scripts = { root: "scripts", test: { name: "scripts", include: ["test/**/*.test.mjs"], isolate: true } }

export default defineConfig({
  test: {
    projects: [...projects, scripts],
    reporters: ["default"],
    // Many tests wait for sockets and processes more than they compute.
    maxWorkers: 4,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // A promise or a fiber that fails unseen fails the run.
    dangerouslyIgnoreUnhandledErrors: false,
    passWithNoTests: false
  }
})
