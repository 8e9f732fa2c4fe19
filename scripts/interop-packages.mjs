/** Prints the Debian packages that the interop tests need and that are not installed, in one line. */
import { missingPrograms, packagesOf, pathWithServers } from "./interop.mjs"

process.stdout.write(packagesOf(missingPrograms(pathWithServers(process.env.PATH))).join(" "))
