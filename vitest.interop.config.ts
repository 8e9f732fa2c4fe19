import { existsSync, readdirSync } from "node:fs"
import { defineConfig } from "vitest/config"

/** One project per package or app that has tests against programs of others; each is named after its folder. */
const projects = ["packages", "apps"].flatMap((group) =>
  readdirSync(new URL(`${group}/`, import.meta.url))
    .filter((folder) => existsSync(new URL(`${group}/${folder}/interop`, import.meta.url)))
    .map((folder) => ({
      root: `${group}/${folder}`,
      test: { name: folder, include: ["interop/**/*.test.ts"], isolate: true }
    }))
)

export default defineConfig({
  test: {
    projects,
    reporters: ["default"],
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    dangerouslyIgnoreUnhandledErrors: false,
    passWithNoTests: false
  }
})
