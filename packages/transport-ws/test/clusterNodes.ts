import * as Trials from "@gc/transport-trials/clusterNodes"
import * as Ws from "@gc/transport-ws"
import { ws as kit } from "./kit.ts"

export { cookie, type Node, sees } from "@gc/transport-trials/clusterNodes"

export type Settings = Trials.Settings & {
  readonly ws?: Ws.Options
}

/** A node on loopback that looks for these peers. */
export const start = (name: string, { ws, ...settings }: Settings = {}) =>
  Trials.start(kit, name, ws === undefined ? settings : { ...settings, transport: Ws.make(ws) })
