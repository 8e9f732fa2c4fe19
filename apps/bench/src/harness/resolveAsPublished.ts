/**
 * Loaded before a child's program (`node --import`): what the sources of the benchmark import from packages is taken from
 * rivals/node_modules, where gc lies as it is published. So gc and the rivals share one `effect`.
 */
import { registerHooks } from "node:module"

const sources = new URL("../", import.meta.url).href
const rivals = new URL("../../rivals/package.json", import.meta.url).href

registerHooks({
  resolve: (specifier, context, next) => {
    const bare = !specifier.startsWith(".") && !specifier.includes(":")
    const own = context.parentURL?.startsWith(sources) === true
    return next(specifier, bare && own ? { ...context, parentURL: rivals } : context)
  }
})
