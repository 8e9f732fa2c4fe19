import { assert, describe, it } from "@effect/vitest"
import * as Transport from "@gc/core/Transport"
import * as Config from "effect/Config"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { resolve, type StreamOptions } from "@gc/core/StreamOptions"
import { local, plain } from "./security.ts"
import { addressOf, assertSameFrames, numbered, reasonOf } from "./support.ts"
import { addressAt, type Kit } from "./kit.ts"

export const options = (kit: Kit): void => {
  describe("options", () => {
    it("have defaults", () => {
      const settings = Result.getOrThrow(resolve({}))
      assert.strictEqual(settings.port, 4370)
      assert.strictEqual(Duration.toMillis(settings.connectTimeout), 5000)
      assert.strictEqual(settings.keepAlive, 15_000)
      assert.strictEqual(settings.maxPending, 64)
      assert.strictEqual(settings.highWaterMark, 262_144)
      assert.isUndefined(Result.getOrThrow(resolve({ keepAlive: Duration.infinity })).keepAlive)
    })

    it.live("that are wrong fail listen and dial with one sentence that names them", () =>
      Effect.gen(function* () {
        const wrong: ReadonlyArray<readonly [StreamOptions, RegExp]> = [
          [{ port: 65_536 }, /port is 65536/],
          [{ port: 1.5 }, /port is 1\.5/],
          [{ host: "not a host" }, /host is "not a host"/],
          [{ advertise: "a:b" }, /advertise is "a:b"/],
          [{ advertise: "host:0" }, /advertise is "host:0"/],
          [{ maxPending: 0 }, /maxPending is 0/],
          [{ highWaterMark: Number.NaN }, /highWaterMark is NaN/],
          [{ connectTimeout: 0 }, /connectTimeout is 0/],
          [{ connectTimeout: -1n }, /connectTimeout is -1/],
          [{ keepAlive: "1h" as never }, /keepAlive is "1h"/],
          [{ advertise: ":1" }, /advertise is ":1"/]
        ]
        for (const [options, expected] of wrong) {
          const transport = kit.make(options)
          const address = addressAt(kit, 1)
          for (const reason of [
            yield* reasonOf(transport.listen(plain)),
            yield* reasonOf(transport.dial(address, plain))
          ]) {
            assert(reason._tag === "TransportFailed")
            assert.match(reason.detail, expected)
          }
        }
      })
    )

    it.live("of a program that no compiler has seen are told apart just so", () =>
      Effect.gen(function* () {
        const cyclic: Record<string, unknown> = {}
        cyclic["self"] = cyclic
        const pem = "-----BEGIN hunter2"
        const tls = { cert: pem, key: Redacted.make(pem), ca: pem }
        const wrong: ReadonlyArray<readonly [unknown, string]> = [
          [null, "the options object is null"],
          [42, "the options object is 42"],
          ["tcp", 'the options object is "tcp"'],
          [new Map(), "the options object is"],
          [{ prot: 1 }, "prot is not an option: expected one of host, port, advertise, "],
          [{ prot: 1 }, 'did you mean "port"?'],
          [{ host: Symbol("h") }, "host is Symbol(h)"],
          [
            { tls: { ...tls, kee: pem } },
            'tls.kee is not an option: expected one of cert, key, ca; did you mean "tls.key"?'
          ],
          [{ port: "0" }, 'port is "0", and an integer from 0 to 65535 is expected'],
          [{ port: null }, "port is null"],
          [{ port: 1n }, "port is 1,"],
          [{ host: 42 }, "host is 42, and a host name"],
          [{ advertise: 42 }, "advertise is 42, and a host"],
          [{ security: "x" }, 'security is "x", and psk, mtls or plain is expected'],
          [{ connectTimeout: cyclic }, "connectTimeout is an object"],
          [{ keepAlive: Number.NaN }, "keepAlive is NaN"],
          [{ tls: null }, "tls is null, and { cert, key, ca } is expected"],
          [{ tls: pem }, "tls is a value of type string"],
          [{ tls: { ...tls, key: pem } }, "tls.key is something else, and Redacted.make(pem)"],
          [{ tls: { ...tls, key: Redacted.make(undefined) } }, "tls.key is something else, and PEM"],
          [{ tls: { ...tls, cert: undefined } }, "tls.cert is absent"],
          [{ tls: { ...tls, ca: [] } }, "tls.ca is something else"]
        ]
        for (const [options, expected] of wrong) {
          const transport = kit.make(options as StreamOptions)
          for (const use of [
            Effect.asVoid(transport.listen(plain)),
            Effect.asVoid(transport.dial(addressAt(kit, 1), plain))
          ]) {
            const reason = yield* reasonOf(use)
            assert(reason._tag === "TransportFailed")
            assert.include(reason.detail, expected)
            assert.notInclude(reason.detail, "hunter2")
          }
        }
      })
    )
  })

  const roundTrip = Effect.gen(function* () {
    const transport = yield* Transport.Transport
    const listener = yield* transport.listen(plain)
    const client = yield* transport.dial(addressOf(listener), plain)
    const server = yield* listener.accept
    yield* client.send([numbered(1, 100)])
    assertSameFrames(yield* server.receive, [numbered(1, 100)])
    return addressOf(listener)
  })

  describe("layers", () => {
    it.live("layer gives a transport that listens and dials", () =>
      Effect.asVoid(roundTrip).pipe(Effect.provide(kit.layer(local)))
    )

    it.live("layerConfig reads options one by one", () =>
      Effect.gen(function* () {
        const transport = kit
          .layerConfig({
            host: Config.String("host"),
            port: Config.Int("port"),
            connectTimeout: Config.Duration("connectTimeout").pipe(Config.withDefault(Duration.seconds(1)))
          })
          .pipe(Layer.provide(ConfigProvider.layer(ConfigProvider.fromUnknown({ host: "::1", port: "0" }))))
        const address = yield* roundTrip.pipe(Effect.provide(transport))
        assert.strictEqual(address.host, "::1")
      })
    )

    it.live("layerConfig reads the environment, and fails where it is wrong", () =>
      Effect.gen(function* () {
        const layer = kit.layerConfig({ host: Config.String("GC_HOST"), port: Config.Int("GC_PORT") })
        const withEnv = (env: Record<string, string>) =>
          Layer.provide(layer, ConfigProvider.layer(ConfigProvider.fromEnv({ env })))
        const address = yield* roundTrip.pipe(Effect.provide(withEnv({ GC_HOST: "127.0.0.1", GC_PORT: "0" })))
        assert.strictEqual(address.host, "127.0.0.1")
        const error = yield* Effect.flip(Layer.build(withEnv({ GC_HOST: "127.0.0.1", GC_PORT: "many" })))
        assert.strictEqual(error._tag, "ConfigError")
      })
    )

    it.live("one transport serves several clusters at once", () =>
      Effect.gen(function* () {
        const addresses = yield* Effect.all([roundTrip, roundTrip]).pipe(Effect.provide(kit.layer(local)))
        assert.notStrictEqual(addresses[0].port, addresses[1].port)
      })
    )
  })
}
