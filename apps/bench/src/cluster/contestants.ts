/** Who forms clusters here, and the program that a process of each runs. */
import { fileURLToPath } from "node:url"

/** What a process is started from. */
export interface Contestant {
  readonly name: string
  /** The program of a process. */
  readonly program: string
  /** Its arguments. */
  readonly args?: ReadonlyArray<string>
}

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** gc, TLS with the cookie's key included. */
export const gc: Contestant = { name: "gc", program: at("roles/gc.ts") }

/** Every pair connects once and proves a secret. */
export const raw: Contestant = { name: "raw-mesh", program: at("roles/raw.ts") }

/** Moleculer's TCP transporter. */
export const moleculer: Contestant = { name: "moleculer", program: at("../../rivals/cluster/moleculer.ts") }

/** js-libp2p over tcp, noise and yamux. */
export const libp2p: Contestant = { name: "libp2p", program: at("../../rivals/cluster/libp2p.ts") }

/** A process that loads these modules and does nothing. */
export const bare = (modules: ReadonlyArray<string>): Contestant => ({
  name: "effect loaded, idle",
  program: at("roles/bare.ts"),
  args: modules
})

/** All that form clusters, in the order in which they take turns. */
export const contestants: ReadonlyArray<Contestant> = [raw, gc, moleculer, libp2p]
