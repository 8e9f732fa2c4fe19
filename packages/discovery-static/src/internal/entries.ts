import * as Address from "@gc/core/Address"
import * as NodeName from "@gc/core/NodeName"
import * as Peer from "@gc/core/Peer"
import * as Result from "effect/Result"

/** A peer, or what was expected instead. */
type Read = Result.Result<Peer.Peer, string>

/** What an entry may be. */
export const forms =
  "a node name (b@rosa), a name with a port (b@rosa:4371), a host with a port (rosa:4371) or an address (tcp://rosa:4371)"
const peers = "a text, or a Peer with a node name, an address, or both"
const dialable = "somebody who can be dialed: a port that is not 0 at a host that is not every local address"

/** Reads one entry; `protocol` is that of entries with a port and without a protocol. */
export const readEntry = (entry: string | Peer.Peer, protocol: string): Read => {
  const peer = typeof entry === "string" ? readText(entry.trim(), protocol) : readPeer(entry)
  return Result.flatMap(peer, (found) => (isDialable(found) ? peer : Result.fail(dialable)))
}

/** A program that no compiler has seen may give anything. */
const readPeer = (entry: Peer.Peer): Read => {
  const given: unknown = entry
  if (typeof given !== "object" || given === null) return Result.fail(peers)
  const { address, name } = entry
  try {
    if (address === undefined && name === undefined) return Result.fail(peers)
    if (address !== undefined && Result.isFailure(Address.parse(Address.format(address)))) return Result.fail(peers)
    if (name === undefined) return Result.succeed(entry)
    return NodeName.parse(name).pipe(
      Result.map(() => entry),
      because("a Peer with a node name such as b@rosa")
    )
  } catch {
    return Result.fail(peers)
  }
}

/** An entry for a message, whatever it is. */
export const shown = (entry: unknown): string => {
  if (typeof entry === "string") return entry
  try {
    if (Result.isSuccess(readPeer(entry as Peer.Peer))) return Peer.format(entry as Peer.Peer)
    return (typeof entry === "object" ? JSON.stringify(entry) : String(entry as number)).slice(0, 200)
  } catch {
    return "an object"
  }
}

const isDialable = ({ address, name }: Peer.Peer): boolean =>
  address === undefined
    ? name !== undefined && !Address.isUnspecified(NodeName.host(name))
    : Address.isDialable(address)

const readText = (text: string, protocol: string): Read => {
  if (text.includes("://")) return readAddress(text)
  if (text.includes("@")) return readName(text, protocol)
  return text.includes(":") ? readHostAndPort(text, protocol) : Result.fail(forms)
}

const readAddress = (text: string): Read =>
  Address.parse(text).pipe(Result.map(Peer.fromAddress), because("an address such as tcp://rosa:4371"))

const readHostAndPort = (text: string, protocol: string): Read =>
  Address.parse(`${protocol}://${text}`).pipe(
    Result.map(Peer.fromAddress),
    because("a host with a port such as rosa:4371 or [::1]:4371")
  )

const nameAndPort = /^([^@]*@(\[[^\]]*\]|[^:[\]]*)):([^:]*)$/

const readName = (text: string, protocol: string): Read => {
  const [whole, nameText = "", host = "", port = ""] = nameAndPort.exec(text) ?? []
  if (whole === undefined) return readBareName(text)
  return Result.flatMap(NodeName.parse(nameText), (name) =>
    Result.map(Address.parse(`${protocol}://${host}:${port}`), (address): Peer.Peer => ({ name, address }))
  ).pipe(because("a name with a port such as b@rosa:4371"))
}

/** An IPv6 host without brackets is taken, unless its end could also be a port: then nobody can tell what was meant. */
const readBareName = (text: string): Read => {
  const end = text.lastIndexOf(":")
  const [name, port] = [text.slice(0, end), text.slice(end + 1)]
  if (!text.includes("[") && name.includes(":") && isPort(port) && Result.isSuccess(NodeName.parse(name))) {
    const host = text.slice(text.indexOf("@") + 1)
    return Result.fail(`the IPv6 host in brackets, [${host}] or [${host.slice(0, host.lastIndexOf(":"))}]:${port}`)
  }
  return NodeName.parse(text).pipe(Result.map(Peer.fromName), because("a node name such as b@rosa"))
}

const isPort = (text: string): boolean => /^[0-9]{1,5}$/.test(text) && Number(text) <= 65535

const because =
  (expected: string) =>
  <A>(read: Result.Result<A, string>): Result.Result<A, string> =>
    Result.mapError(read, (reason) => `${expected} (${reason})`)
