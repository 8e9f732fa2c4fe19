import * as Address from "@gc/core/Address"
import type { ConfiguredTransport } from "@gc/core/Configuration"
import type { Diagnosis } from "@gc/core/Cluster"
import type { Observer } from "@gc/core/Observer"
import * as Peer from "@gc/core/Peer"
import type { Connection, LinkSecurity, Listener, Transport } from "@gc/core/Transport"
import { TransportError } from "@gc/core/TransportError"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as References from "effect/References"
import * as Result from "effect/Result"
import * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import { randomBytes } from "node:crypto"
import { failed, type Finding, messageOf, ok, skipped } from "./finding.ts"

/** What the ports of a transport are held against. */
export interface Ports {
  readonly entry: ConfiguredTransport
  readonly transport: Transport["Service"]
  readonly allowPlaintext: boolean
  /** Tells who is at a port that is taken; absent without a cookie. */
  readonly observer: Observer | undefined
  /** The name of this node, where the configuration gives it one. */
  readonly node: string | undefined
  /** Its certificate is one that nobody accepts, itself included. */
  readonly isUncertified: boolean
}

/** What was found, and what of it is this node's own: its addresses, and the life of it that runs. */
export interface Found {
  readonly findings: ReadonlyArray<Finding>
  readonly addresses: ReadonlyArray<Address.Address>
  readonly instance: string | undefined
}

/** A dial to this node's own address takes longer only when something on the way drops it. */
const dialTimeout = "3 seconds"

/** The listener says its token at once; whoever says nothing is another one. */
const tokenTimeout = "1 second"

/** Connections that are told the token at once; with more the next ones wait. */
const maxStrangers = 64

/** The frame by which a listener of this program is known: a type that the protocol does not have, and chance. */
const tokenFrame = (): Uint8Array => Buffer.concat([Buffer.from([0xff]), randomBytes(32)])

/** Keys that nobody else has: a stranger who dials meanwhile gets no further than TLS. */
const securityOf = ({ allowPlaintext, entry }: Ports): LinkSecurity => ({
  mode: entry.security,
  psks: [{ identity: `gcluster-doctor-${randomBytes(6).toString("hex")}`, key: Redacted.make(randomBytes(32)) }],
  allowPlaintext
})

/** Says the token to everybody who comes, and reads nothing. Who goes away or says nothing holds up nobody else. */
const sayToken = Effect.fnUntraced(function* (
  listener: Listener,
  token: Uint8Array
): Effect.fn.Return<never, TransportError, Scope.Scope> {
  const all = yield* Effect.scope
  const places = yield* Semaphore.make(maxStrangers)
  const one = Effect.gen(function* () {
    yield* places.take(1)
    const scope = yield* Scope.fork(all)
    const connection = yield* Scope.provide(listener.accept, scope)
    const told = Effect.andThen(connection.send([token]), connection.receive)
    yield* Effect.timeoutOption(told, tokenTimeout).pipe(
      Effect.ignoreCause,
      Effect.ensuring(Effect.andThen(Scope.close(scope, Exit.void), places.release(1))),
      Effect.forkIn(all)
    )
  })
  return yield* Effect.forever(one)
})

const saysToken = (connection: Connection, token: Uint8Array): Effect.Effect<boolean> =>
  connection.receive.pipe(
    Effect.map(([frame]) => Buffer.from(frame).equals(token)),
    Effect.timeoutOrElse({ duration: tokenTimeout, orElse: () => Effect.succeed(false) }),
    Effect.catch(() => Effect.succeed(false))
  )

const whoIs = ({ node }: Diagnosis): string | undefined => (node === undefined ? undefined : node.name)

const advertiseRemedy =
  "correct the option advertise of the transport to the host and port by which the others reach this machine"

/** Whoever answers at an address that is not this program's listener. */
const somebodyElse = Effect.fnUntraced(function* ({ isUncertified, observer }: Ports, address: Address.Address) {
  const text = Address.format(address)
  const who = observer === undefined ? undefined : whoIs(yield* observer.diagnose(Peer.fromAddress(address)))
  if (who !== undefined) {
    return failed("advertise", text, "another_node", `it leads to the node ${who}, not to this one`, advertiseRemedy)
  }
  if (isUncertified) return skipped("advertise", text, "this node's own certificate keeps it from being dialed")
  const detail = "it leads to another program, not to this node"
  return failed("advertise", text, "another_program", detail, advertiseRemedy)
})

const unreachable = (text: string, error: unknown): Finding => {
  const tag = error instanceof TransportError ? error.reason._tag : ""
  const detail = error instanceof TransportError ? error.reason.message : messageOf(error)
  if (tag === "Refused") {
    const seen = "nobody is there: the machine refuses the connection"
    return failed("advertise", text, "nobody_there", seen, advertiseRemedy)
  }
  if (tag === "HostUnknown") return failed("advertise", text, "host_unknown", detail, advertiseRemedy)
  return failed(
    "advertise",
    text,
    "not_reachable",
    `no connection to it from this machine (${detail})`,
    `let the port through the firewall, or ${advertiseRemedy}`
  )
}

/** Dials an advertised address and sees whether the listener of this program answers. */
const leadsHere = Effect.fnUntraced(function* (
  ports: Ports,
  address: Address.Address,
  security: LinkSecurity,
  token: Uint8Array
) {
  const text = Address.format(address)
  const dialed = yield* Effect.result(
    Effect.scoped(
      Effect.gen(function* () {
        const connection = yield* Effect.timeoutOption(ports.transport.dial(address, security), dialTimeout)
        return Option.isNone(connection) ? undefined : yield* saysToken(connection.value, token)
      })
    )
  )
  if (Result.isFailure(dialed)) {
    const tag = dialed.failure.reason._tag
    const answered = tag === "SecurityFailed" || tag === "Reset" || tag === "Closed"
    return answered ? yield* somebodyElse(ports, address) : unreachable(text, dialed.failure)
  }
  if (dialed.success === undefined) return unreachable(text, new Error(`no answer within ${dialTimeout}`))
  if (dialed.success) return ok("advertise", text, "it leads to this machine")
  return yield* somebodyElse(ports, address)
})

const advertises = ({ settings }: ConfiguredTransport): boolean =>
  typeof settings === "object" && settings !== null && "advertise" in settings && settings.advertise !== undefined

/** Listens for a moment, as the node would. */
const listenBriefly = Effect.fnUntraced(function* (ports: Ports, security: LinkSecurity) {
  const listener = yield* ports.transport.listen(security)
  const token = tokenFrame()
  yield* Effect.forkScoped(Effect.ignore(sayToken(listener, token)))
  // With the option advertise the listener's addresses are not those to which it is bound.
  const where = advertises(ports.entry)
    ? `transport.${ports.entry.key}`
    : listener.addresses.map(Address.format).join(" ")
  const findings: Array<Finding> = [ok("listen", where, "the port is free, and this node can listen there")]
  for (const address of listener.addresses) findings.push(yield* leadsHere(ports, address, security, token))
  const leadHere = listener.addresses.filter((_, index) => findings[index + 1]?.status === "ok")
  return { findings, addresses: leadHere, instance: undefined } satisfies Found as Found
})

const bound = (text: string): Address.Address | undefined => {
  const address = Result.getOrUndefined(Address.parse(text))
  if (address === undefined || !Address.isUnspecified(address.host)) return address
  return { ...address, host: address.host.includes(":") ? "::1" : "127.0.0.1" }
}

const nobody = (finding: Finding): Found => ({ findings: [finding], addresses: [], instance: undefined })

/** The port is taken: by this node itself, which runs already, or by somebody else. */
const takenBy = Effect.fnUntraced(function* (ports: Ports, where: string): Effect.fn.Return<Found> {
  const { node, observer } = ports
  const address = bound(where)
  const remedy = "end the other program (ss -tlnp shows it), or give this node another port"
  if (observer === undefined || address === undefined) {
    return nobody(failed("listen", where, "port_taken", "the port is taken by another process", remedy))
  }
  const found = (yield* observer.diagnose(Peer.fromAddress(address))).node
  if (found === undefined) {
    const detail = "the port is taken by a program that is no node of this cluster"
    return nobody(failed("listen", where, "port_taken", detail, remedy))
  }
  if (node !== undefined && found.name !== node) {
    const detail = `the port is taken by the node ${found.name}`
    return nobody(failed("listen", where, "port_taken_by_node", detail, remedy))
  }
  const here = ok("listen", where, `${found.name} runs already and listens there`)
  const advertised = yield* Effect.forEach(found.addresses, (each) =>
    Effect.gen(function* () {
      const text = Address.format(each)
      const diagnosis = yield* observer.diagnose(Peer.fromAddress(each))
      if (diagnosis.node?.instance === found.instance) return ok("advertise", text, "it leads to this node")
      if (diagnosis.node !== undefined) return yield* somebodyElse(ports, each)
      const broken = diagnosis.steps.find((step) => !step.ok)
      return failed(
        "advertise",
        text,
        "nobody_there",
        `it does not lead to this node (${broken?.detail ?? "no answer"})`,
        advertiseRemedy
      )
    })
  )
  const addresses = found.addresses.filter((_, index) => advertised[index]?.status === "ok")
  return { findings: [here, ...advertised], addresses: [address, ...addresses], instance: found.instance }
})

const listenRemedies: Readonly<Record<string, readonly [reason: string, remedy: string]>> = {
  AddressUnavailable: ["no_such_address", "bind to an address of this machine (ip address), or to 0.0.0.0"],
  PlaintextRefused: ["plaintext_refused", 'use security psk or mtls, or say "allowPlaintext": true'],
  SecurityFailed: ["transport_unusable", "correct the cookie or the certificates of the transport"],
  HostUnknown: ["host_unknown", "correct the option host of the transport"]
}

/** Whether this node can listen where it is to, and whether what it will advertise leads to it. */
export const checkPorts = (ports: Ports): Effect.Effect<Found> => {
  const security = securityOf(ports)
  return Effect.scoped(listenBriefly(ports, security)).pipe(
    Effect.catch((error) => {
      const { address, reason } = error
      if (reason._tag === "AddressInUse") return takenBy(ports, address)
      const [word, remedy] = listenRemedies[reason._tag] ?? ["cannot_listen", "choose another host or port"]
      return Effect.succeed(nobody(failed("listen", address, word, reason.message, remedy)))
    }),
    Effect.provideService(References.MinimumLogLevel, "None")
  )
}

/** The findings of a transport that cannot be made. */
export const unusable = (key: string, error: unknown): ReadonlyArray<Finding> => [
  failed("listen", `transport.${key}`, "transport_unusable", messageOf(error), "correct the entry of the transport"),
  skipped("advertise", `transport.${key}`, "there is no transport to look with")
]
