import { failed, type Finding, ok, warning } from "./finding.ts"
import type { Examined } from "./peers.ts"

/** What this node is to be called, and who runs under its configuration already. */
export interface Own {
  /** The name in the configuration, where it gives one. */
  readonly name: string | undefined
  /** The life of it that listens at its port now. */
  readonly instance: string | undefined
  /** It takes any free port, so that nobody can tell its own life from another one. */
  readonly anyPort: boolean
}

const remedy = "give each node a name of its own: rename one (option node), or end the one that should not run"

/** The lives of each name, and where each was found. */
const livesOf = (examined: ReadonlyArray<Examined>): ReadonlyMap<string, ReadonlyMap<string, string>> => {
  const lives = new Map<string, Map<string, string>>()
  for (const { diagnosis } of examined) {
    const { address = "", node } = diagnosis
    if (node === undefined) continue
    const known = lives.get(node.name) ?? new Map<string, string>()
    known.set(node.instance, address)
    lives.set(node.name, known)
  }
  return lives
}

const checkName = (name: string, lives: ReadonlyMap<string, string>, own: Own): Finding | undefined => {
  if (lives.size > 1) {
    const where = [...lives.values()].join(" and ")
    return failed("names", name, "name_conflict", `two nodes carry the name ${name}: at ${where}`, remedy)
  }
  const [[instance, address] = []] = lives
  if (name !== own.name || instance === own.instance) return undefined
  const detail = `a node of this name runs already, at ${address}`
  if (!own.anyPort) return failed("names", name, "name_conflict", detail, remedy)
  const hint = "if it is this one, all is well; otherwise rename one (option node)"
  return warning("names", name, "name_in_use", detail, hint)
}

/** Whether two nodes carry one name: the second of them comes in nowhere. */
export const checkNames = (own: Own, examined: ReadonlyArray<Examined>): ReadonlyArray<Finding> => {
  const lives = livesOf(examined)
  const found = [...lives].map(([name, each]) => checkName(name, each, own)).filter((each) => each !== undefined)
  if (found.length > 0 || lives.size === 0) return found
  return [ok("names", "", lives.size === 1 ? "one other node" : `${lives.size} nodes, each with a name of its own`)]
}
