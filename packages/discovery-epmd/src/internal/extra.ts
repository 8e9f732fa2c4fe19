/**
 * What makes a gc node recognisable at epmd: the `extra` field of its registration, printable ASCII,
 *
 *     gc1 0c6f9d7e52a1b3c4 a@10.0.0.7 tls://10.0.0.7:4370
 *
 * the version of this form, the cluster's tag, the node's name, and the address that it advertises. More words may follow.
 */
import * as Address from "@gc/core/Address"
import type { LocalNode } from "@gc/core/LocalNode"
import * as NodeName from "@gc/core/NodeName"
import { clusterTag } from "@gc/core/protocol"
import * as Result from "effect/Result"

/** A gc node, as its registration says. */
export interface Announced {
  /** 16 hex digits, or `-`: it does not say; the handshake will. */
  readonly tag: string
  readonly name: NodeName.NodeName
  readonly address: Address.Address
}

const magic = "gc1"
const anyCluster = "-"

/** The 8 bytes by which GC/1 names a cluster without telling its name, in hex. */
export const tagOf = (cluster: string): string => Buffer.from(clusterTag(cluster)).toString("hex")

export const format = ({ address, name, tag }: Announced): string =>
  [magic, tag, name, Address.format(address)].join(" ")

/** `undefined` when this is no gc node, or says what cannot be: the name at epmd and the port are those of the registration. */
export const parse = (extra: string, registered: { readonly name: string; readonly port: number }) => {
  const [version, tag = "", nameText = "", addressText = ""] = extra.split(" ")
  if (version !== magic || !(tag === anyCluster || /^[0-9a-f]{16}$/.test(tag))) return undefined
  const [name, address] = [NodeName.parse(nameText), Address.parse(addressText)]
  if (Result.isFailure(name) || Result.isFailure(address)) return undefined
  if (NodeName.basename(name.success) !== registered.name || address.success.port !== registered.port) return undefined
  if (!Address.isDialable(address.success)) return undefined
  const announced: Announced = { tag, name: name.success, address: address.success }
  return announced
}

/** Whether a node that says this may be of the cluster with that tag. */
export const isOf = (announced: Announced, tag: string): boolean =>
  announced.tag === anyCluster || announced.tag === tag

/** Where it can be dialed by who asked the epmd of `host`: another machine's loopback address is not this one's. */
export const reachable = ({ address }: Announced, host: string): Address.Address =>
  Address.isLoopback(address) && !isLoopbackHost(host) ? { ...address, host } : address

export const isLoopbackHost = (host: string): boolean =>
  Address.isLoopback({ protocol: "tcp", host, port: 1, path: "" })

/** What this node registers, or `undefined` while it listens nowhere that can be dialed. */
export const announce = (self: LocalNode, tag: string): Announced | undefined => {
  const address = self.addresses.find(Address.isDialable)
  return address === undefined ? undefined : { tag, name: self.name, address }
}
