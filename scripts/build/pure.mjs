/**
 * Marks the calls that a module makes while it loads as `@__PURE__`: they build values, which is what `sideEffects` of each manifest says
 * of whole files. Where a chunk holds many modules, a bundler can so leave out those that a program does not use.
 */
import { parseAst } from "rolldown/parseAst"

const calls = new Set(["CallExpression", "NewExpression"])
/** What is in them runs later. */
const later = new Set(["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression", "MethodDefinition"])

/** Where an expression that is called while the module loads begins; a call in a chain is marked at the chain's begin, once. */
const findCalls = (node, found) => {
  if (node === null || typeof node !== "object") return
  if (Array.isArray(node)) {
    for (const each of node) findCalls(each, found)
    return
  }
  if (later.has(node.type) || (node.type === "PropertyDefinition" && !node.static)) return
  // A statement is there for what it does.
  if (node.type === "ExpressionStatement") return
  if (calls.has(node.type)) {
    found.add(node.start)
    for (let callee = node.callee; callee !== undefined; callee = callee.object ?? callee.callee) {
      findCalls(callee.arguments, found)
    }
    findCalls(node.arguments, found)
    return
  }
  for (const [key, value] of Object.entries(node)) if (key !== "parent") findCalls(value, found)
}

export const markPure = {
  name: "mark-pure",
  transform: (code, _id, { magicString }) => {
    const found = new Set()
    findCalls(parseAst(code, { lang: "ts" }).body, found)
    for (const at of found) magicString.prependLeft(at, "/* @__PURE__ */ ")
    return { code: magicString }
  }
}
