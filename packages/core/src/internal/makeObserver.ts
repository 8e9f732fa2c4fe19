import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { homedir } from "node:os"
import type { DiscoveryContext } from "../Discovery.ts"
import { Entropy } from "../Entropy.ts"
import * as LocalAddress from "../LocalAddress.ts"
import type { LocalNode } from "../LocalNode.ts"
import { NameResolver } from "../NameResolver.ts"
import * as NodeName from "../NodeName.ts"
import type { Observer, Options } from "../Observer.ts"
import { toHex } from "../protocol/bytes.ts"
import { capabilities } from "../protocol/identity.ts"
import { Transport } from "../Transport.ts"
import type { Caller } from "./caller.ts"
import { isPeer, noPeer, orNoPeer } from "./clusterCalls.ts"
import { diagnose } from "./diagnose.ts"
import { keysFor, loadKeyring, psksOf } from "./keyring.ts"
import { observing } from "./observing.ts"
import { isRecord, onlyKnown, wrong } from "./optionValues.ts"
import { readOptions } from "./options.ts"

const known = Object.keys({
  cluster: 1,
  cookie: 1,
  cookieFile: 1,
  security: 1,
  allowPlaintext: 1,
  name: 1
} satisfies Record<keyof Options, 1>)

const nameOf = (given: unknown, instance: string) => {
  const host = Option.getOrElse(LocalAddress.firstExternal(), () => "127.0.0.1")
  const text = given === undefined ? `observer-${instance.slice(0, 8)}@${host}` : given
  const expected = "basename@host, for example watch@10.0.0.7"
  if (typeof text !== "string") return wrong("name", text, expected)
  const name = NodeName.parse(text)
  return Result.isSuccess(name) ? Effect.succeed(name.success) : wrong("name", text, `${expected} (${name.failure})`)
}

const read = Effect.fnUntraced(function* (given: unknown) {
  if (!isRecord(given)) return yield* wrong("options", given, 'an object such as { cluster: "orders" }')
  yield* onlyKnown("", given, known)
  const { allowPlaintext, cluster, cookie, cookieFile, name, security } = given
  const common = yield* readOptions({ cluster, ...defined({ security, allowPlaintext }) })
  return { ...common, cookie, cookieFile, name }
})

const defined = (values: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))

/** An observer of a cluster; what it watches ends with the scope. */
export const makeObserver = Effect.fnUntraced(function* (options: Options) {
  const { allowPlaintext, cluster, cookie, cookieFile, name: given, security: mode } = yield* read(options)
  const transport = yield* Transport
  const resolver = yield* NameResolver
  const entropy = yield* Entropy
  const instance = toHex(entropy.bytes(16))
  const name = yield* nameOf(given, instance)
  const keyring =
    mode === "mtls" && cookie === undefined && cookieFile === undefined
      ? []
      : // Named, the file is not made where there is none: nobody would share a new cookie.
        yield* loadKeyring({ cluster, cookie, cookieFile: cookieFile ?? `${homedir()}/.gc.cookie` })
  const generation = yield* Clock.currentTimeMillis
  const self: LocalNode = { cluster, name, instance, generation, addresses: [] }
  const caller: Caller = {
    cluster,
    keyring,
    security: { mode, psks: psksOf(cluster, keyring), allowPlaintext },
    transport,
    resolver,
    nonce: () => entropy.bytes(32),
    identity: (attempt, dialed) => ({
      cluster,
      name,
      instance,
      generation,
      attempt,
      addresses: [],
      capabilities: capabilities.observer,
      ...(dialed !== undefined && { dialed })
    })
  }
  const keys = keysFor(keyring)
  const context: DiscoveryContext = {
    self,
    key: (purpose) => Option.map(Option.fromUndefinedOr(keys(purpose)[0]), (first) => first.key),
    keys,
    announce: false
  }
  const closed = yield* Deferred.make<void>()
  yield* Effect.addFinalizer(() => Deferred.succeed(closed, undefined))
  let attempt = 0
  return {
    self,
    context,
    observe: (peer) =>
      Stream.suspend(() => (isPeer(peer) ? observing(caller, peer, ++attempt) : Stream.fail(noPeer(peer)))).pipe(
        Stream.interruptWhen(Deferred.await(closed))
      ),
    diagnose: (peer) => orNoPeer(peer, diagnose(caller, peer))
  } satisfies Observer as Observer
})
