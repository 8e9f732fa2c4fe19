import { assert, describe, it } from "@effect/vitest"
import { Resolver } from "@gc/discovery-dns"
import * as Effect from "effect/Effect"
import * as FS from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { a, aaaa, answer, failing, message, nameServer, silent, zone } from "./nameServer.ts"

const web = [a("web.shop", "10.0.0.1")]

const using = (servers: ReadonlyArray<string>, options: Resolver.Options = {}) =>
  Resolver.make({ servers, patience: "100 millis", ...options })

const reasonOf = <A>(effect: Effect.Effect<A, Resolver.ResolveError>) =>
  Effect.map(Effect.flip(effect), ({ reason }) => reason)

describe("several servers", () => {
  it.live("are asked in turn when one is silent, fails or is not there", () =>
    Effect.gen(function* () {
      const good = yield* nameServer(zone(web))
      const gone = yield* nameServer(silent)
      yield* gone.stop
      for (const bad of [
        yield* nameServer(silent),
        yield* nameServer(failing(2)),
        yield* nameServer(failing(5)),
        gone
      ]) {
        const resolver = yield* using([bad.address, good.address])
        assert.deepInclude(yield* resolver.resolve("web.shop", "A"), { records: ["10.0.0.1"], server: good.address })
        const asked = bad.asked.length
        yield* resolver.resolve("web.shop", "A")
        assert.strictEqual(bad.asked.length, asked, "who failed is asked last for a while")
      }
    })
  )

  it.live("that all fail are a failure, each asked once", () =>
    Effect.gen(function* () {
      const servers = [yield* nameServer(failing(2)), yield* nameServer(failing(5))]
      const resolver = yield* using(servers.map(({ address }) => address))
      assert.deepInclude(yield* reasonOf(resolver.resolve("web.shop", "A")), { rcode: "SERVFAIL" })
      assert.deepStrictEqual(
        servers.map(({ asked }) => asked.length),
        [1, 1]
      )
    })
  )

  it.live("are each asked again when all are silent, and named when the time is over", () =>
    Effect.gen(function* () {
      const servers = [yield* nameServer(silent), yield* nameServer(silent)]
      const resolver = yield* using(
        servers.map(({ address }) => address),
        { lookupTimeout: "900 millis" }
      )
      const reason = yield* reasonOf(resolver.resolve("web.shop", "A"))
      assert.deepInclude(reason, { _tag: "NoAnswer", servers: servers.map(({ address }) => address), millis: 900 })
      assert.deepStrictEqual(
        servers.map(({ asked }) => asked.length),
        [2, 2]
      )
    })
  )

  it.live("take turns with rotate", () =>
    Effect.gen(function* () {
      const servers = [yield* nameServer(zone(web)), yield* nameServer(zone(web))]
      const resolver = yield* using(
        servers.map(({ address }) => address),
        { rotate: true }
      )
      for (let round = 0; round < 6; round++) yield* resolver.resolve("web.shop", "A")
      assert.deepStrictEqual(
        servers.map(({ asked }) => asked.length),
        [3, 3]
      )
    })
  )
})

describe("a server that is slow", () => {
  it.live("is asked again, and its first answer still counts", () =>
    Effect.gen(function* () {
      const server = yield* nameServer((query) => [{ bytes: message(query, { answers: web }), afterMillis: 600 }])
      const resolver = yield* using([server.address])
      assert.deepStrictEqual((yield* resolver.resolve("web.shop", "A")).records, ["10.0.0.1"])
      assert.lengthOf(server.asked, 2)
    })
  )

  it.live("and loses a datagram is asked again", () =>
    Effect.gen(function* () {
      let lost = 0
      const server = yield* nameServer((query) => (lost++ === 0 ? [] : zone(web)(query)))
      const resolver = yield* using([server.address])
      assert.deepStrictEqual((yield* resolver.resolve("web.shop", "A")).records, ["10.0.0.1"])
    })
  )
})

describe("a server that dies", () => {
  it.live("is a failure, and an answer again when it returns", () =>
    Effect.gen(function* () {
      const server = yield* nameServer(zone(web))
      const resolver = yield* using([server.address])
      yield* resolver.resolve("web.shop", "A")
      yield* server.stop
      const reason = yield* reasonOf(resolver.resolve("web.shop", "A"))
      assert.deepInclude(reason, { _tag: "ServerUnreachable", server: server.address, code: "ECONNREFUSED" })
      yield* server.start
      assert.lengthOf((yield* resolver.resolve("web.shop", "A")).records, 1)
    })
  )
})

describe("search domains", () => {
  const search = ["shop.svc.cluster.local", "svc.cluster.local"]

  it.live("are tried until a name has records", () =>
    Effect.gen(function* () {
      const server = yield* nameServer(zone([a("web.shop.svc.cluster.local", "10.0.0.1")]))
      const resolver = yield* using([server.address], { search, ndots: 5 })
      const found = yield* resolver.resolve("web.shop", "A")
      assert.deepInclude(found, { asked: "web.shop.svc.cluster.local", records: ["10.0.0.1"] })
      assert.deepStrictEqual(
        server.asked.map(({ name }) => name),
        ["web.shop.shop.svc.cluster.local", "web.shop.svc.cluster.local"]
      )
    })
  )

  it.live("are not tried for a name with a dot at its end", () =>
    Effect.gen(function* () {
      const server = yield* nameServer(zone([]))
      const resolver = yield* using([server.address], { search, ndots: 5 })
      assert.strictEqual((yield* resolver.resolve("web.shop.", "A")).outcome, "NoName")
      assert.lengthOf(server.asked, 1)
    })
  )

  it.live("of which one fails are a failure, whatever the next has", () =>
    Effect.gen(function* () {
      const server = yield* nameServer((query) =>
        query.name === "web.svc.cluster.local" ? failing(2)(query) : zone([])(query)
      )
      const resolver = yield* using([server.address], { search, ndots: 5 })
      const error = yield* Effect.flip(resolver.resolve("web", "A"))
      assert.include(error.message, "A of web.svc.cluster.local: SERVFAIL")
      assert.include(error.message, "web is looked for in the search domains; with a dot at its end")
      server.handle = (query) => (query.name === "web" ? zone([a("web", "10.6.6.6")])(query) : failing(2)(query))
      assert.include((yield* Effect.flip(resolver.resolve("web", "A"))).message, "SERVFAIL")
      assert.strictEqual((yield* resolver.resolve("web.", "A")).asked, "web")
      server.handle = (query) => (query.name === "web" ? zone([a("web", "10.0.0.1")])(query) : failing(5)(query))
      assert.strictEqual((yield* resolver.resolve("web", "A")).asked, "web")
      server.handle = (query) => (query.name === "web" ? zone([])(query) : failing(5)(query))
      assert.include((yield* Effect.flip(resolver.resolve("web", "A"))).message, "REFUSED")
    })
  )

  it.live("of which one has records and fails for another type are a failure, whatever the next has", () =>
    Effect.gen(function* () {
      const server = yield* nameServer((query) =>
        query.name !== "web" && query.type === "AAAA"
          ? failing(2)(query)
          : zone([a("web.shop.svc.cluster.local", "10.0.0.1"), a("web", "10.6.6.6")])(query)
      )
      const resolver = yield* using([server.address], { search, ndots: 5 })
      const error = yield* Effect.flip(resolver.resolveTypes("web", ["A", "AAAA"]))
      assert.include(error.message, "AAAA of web.shop.svc.cluster.local: SERVFAIL")
    })
  )

  it.live("give all types of one name, never one of each", () =>
    Effect.gen(function* () {
      const server = yield* nameServer(zone([a("web.shop.svc.cluster.local", "10.0.0.1"), aaaa("web", "fd00::6")]))
      const resolver = yield* using([server.address], { search, ndots: 5 })
      const answers = yield* resolver.resolveTypes("web", ["A", "AAAA"])
      assert.deepStrictEqual(
        answers.map(({ records }) => records),
        [["10.0.0.1"], []]
      )
    })
  )
})

describe("the file", () => {
  const file = Effect.acquireRelease(
    Effect.sync(() => join(FS.mkdtempSync(join(tmpdir(), "gc-dns-")), "resolv.conf")),
    (path) => Effect.sync(() => FS.rmSync(join(path, ".."), { recursive: true }))
  )

  it.live("is read again when it has changed, and its absence is a failure", () =>
    Effect.gen(function* () {
      const path = yield* file
      const resolver = yield* Resolver.make({ resolvConf: path, patience: "50 millis", lookupTimeout: "300 millis" })
      const reason = yield* reasonOf(resolver.resolve("web", "A"))
      assert.deepInclude(reason, { _tag: "ConfigurationUnreadable", path, code: "ENOENT" })
      assert.include(reason.message, 'give the servers in the option "servers"')
      // No server listens at port 53 of these: the names that are asked tell which file was read.
      for (const domain of ["one.example", "two.example"]) {
        FS.writeFileSync(path, `nameserver 127.77.0.1\nsearch ${domain}\noptions ndots:5\n`)
        const named: Effect.Effect<void, unknown> = Effect.flatMap(
          Effect.flip(resolver.resolve("web", "A")),
          ({ name }) => (name === `web.${domain}` ? Effect.void : Effect.andThen(Effect.sleep("50 millis"), named))
        )
        yield* named
      }
    })
  )

  it.live("gives way to what is said in the options", () =>
    Effect.gen(function* () {
      const path = yield* file
      FS.writeFileSync(path, "nameserver 127.77.0.1\nsearch one.example\noptions ndots:5\n")
      const server = yield* nameServer((query) => answer(query, [], { rcode: 3 }))
      const resolver = yield* using([server.address], { resolvConf: path })
      yield* resolver.resolve("web", "A")
      assert.deepStrictEqual(
        server.asked.map(({ name }) => name),
        ["web"]
      )
      const searching = yield* Resolver.make({ resolvConf: path, search: ["two.example"] })
      assert.strictEqual((yield* Effect.flip(searching.resolve("web", "A"))).name, "web.two.example")
    })
  )
})

describe("options", () => {
  it.effect.each([
    [null, "servers", "or none"],
    [{ servers: [] }, "servers", "1 to 16 IP addresses"],
    [{ servers: ["dns.example"] }, "servers", 'and not "dns.example"'],
    [{ servers: "10.0.0.1" }, "servers", "1 to 16 IP addresses"],
    [{ search: ["a b"] }, "search", "letters, digits"],
    [{ ndots: 16 }, "ndots", "from 0 to 15"],
    [{ attempts: 0 }, "attempts", "from 1 to 5"],
    [{ attempts: 1.5 }, "attempts", "from 1 to 5"],
    [{ patience: "0 millis" }, "patience", "longer than none"],
    [{ lookupTimeout: "soon" }, "lookupTimeout", "longer than none"],
    [{ rotate: "yes" }, "rotate", "true or false"],
    [{ resolvConf: "" }, "resolvConf", "the path of a file"],
    [{ server: ["10.0.0.1"] }, "server", 'did you mean "servers"?']
  ] as const)("%o are refused", ([options, option, says]) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Resolver.make(options as unknown as Resolver.Options))
      assert.strictEqual(error.option, option)
      assert.include(error.message, says)
    })
  )
})
