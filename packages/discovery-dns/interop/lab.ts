import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { naive } from "./clients.ts"
import { folder, freePort, pathOf, type Program, start, versionOf } from "./program.ts"

/** What a server is asked about. */
export interface Zone {
  /** Names without the zone, and their addresses of both families. */
  readonly hosts: Readonly<Record<string, ReadonlyArray<string>>>
  readonly aliases?: Readonly<Record<string, string>>
  readonly services?: Readonly<Record<string, ReadonlyArray<readonly [target: string, port: number]>>>
  readonly ttl: number
  /** Whether the additional section is left out: named alone can. */
  readonly minimal?: boolean
}

/** The zone that both serve; `broken.test` is one that neither can. */
export const origin = "shop.test"

/** A real server of names on loopback. */
export interface Lab {
  readonly name: "named" | "dnsmasq"
  readonly version: string
  readonly command: string
  readonly address: string
  /** Another zone from now on. */
  readonly change: (zone: Zone) => Effect.Effect<void>
  /** Ends it, and starts it again at the same port. */
  readonly stop: Effect.Effect<void>
  readonly restart: Effect.Effect<void, never, Scope.Scope>
  /** Stops its process, so that it is silent, until the scope ends. */
  readonly freeze: Effect.Effect<void, never, Scope.Scope>
  /** How many questions came while the effect ran, by the server's own log. */
  readonly counting: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<readonly [A, number], E, R>
}

interface Kind {
  readonly name: Lab["name"]
  readonly path: string
  readonly versionFlag: string
  readonly args: (folder: string, port: number, zone: Zone) => ReadonlyArray<string>
  readonly write: (folder: string, port: number, zone: Zone) => void
  readonly question: RegExp
}

const named: Kind = {
  name: "named",
  path: pathOf("named", "bind9"),
  versionFlag: "-v",
  args: (at) => ["-g", "-n", "1", "-c", join(at, "named.conf")],
  question: /: query: (\S+) IN /,
  write: (at, port, zone) => {
    writeFileSync(join(at, "named.conf"), namedConf(at, port, zone.minimal === true))
    writeFileSync(join(at, "shop.zone"), zoneFile(zone))
  }
}

const namedConf = (at: string, port: number, minimal: boolean) => `options {
  directory "${at}"; pid-file "${at}/named.pid"; session-keyfile "${at}/session.key"; lock-file none;
  listen-on port ${port} { 127.0.0.1; }; listen-on-v6 { none; };
  recursion no; dnssec-validation no; notify no; querylog yes;
  max-records-per-type 0; minimal-responses ${minimal ? "yes" : "no"};
};
controls { };
zone "${origin}" { type primary; file "shop.zone"; };
zone "broken.test" { type primary; file "absent.zone"; };
`

let serial = 1

const zoneFile = ({ aliases = {}, hosts, services = {}, ttl }: Zone) =>
  [
    `$ORIGIN ${origin}.`,
    `$TTL ${ttl}`,
    `@ IN SOA ns hostmaster ${serial++} 3600 600 86400 1`,
    "@ IN NS ns",
    "ns IN A 127.0.0.1",
    "part IN NS ns.part",
    "ns.part IN A 127.0.0.1",
    ...Object.entries(hosts).flatMap(([name, addresses]) =>
      addresses.map((address) => `${name} IN ${address.includes(":") ? "AAAA" : "A"} ${address}`)
    ),
    ...Object.entries(aliases).map(([name, target]) => `${name} IN CNAME ${target}`),
    ...Object.entries(services).flatMap(([name, targets]) =>
      targets.map(([target, port]) => `${name} IN SRV 0 0 ${port} ${target}`)
    ),
    ""
  ].join("\n")

const dnsmasq: Kind = {
  name: "dnsmasq",
  path: pathOf("dnsmasq", "dnsmasq-base"),
  versionFlag: "--version",
  args: (at, port, { aliases = {}, services = {}, ttl }) => [
    "--keep-in-foreground",
    "--conf-file=/dev/null",
    "--user=root",
    "--pid-file=",
    "--log-facility=-",
    "--log-queries",
    `--port=${port}`,
    "--listen-address=127.0.0.1",
    "--bind-interfaces",
    "--no-resolv",
    "--no-hosts",
    `--addn-hosts=${join(at, "hosts")}`,
    `--local=/${origin}/`,
    `--local-ttl=${ttl}`,
    ...Object.entries(aliases).map(([name, target]) => `--cname=${name}.${origin},${target}.${origin}`),
    ...Object.entries(services).flatMap(([name, targets]) =>
      targets.map(([target, to]) => `--srv-host=${name}.${origin},${target === "." ? "" : `${target}.${origin},${to}`}`)
    )
  ],
  question: /: query\[\S+\] (\S+) from /,
  write: (at, _, { hosts }) => {
    const lines = Object.entries(hosts).flatMap(([name, all]) => all.map((address) => `${address} ${name}.${origin}`))
    writeFileSync(join(at, "hosts"), `${lines.join("\n")}\n`)
  }
}

const soon = Effect.sleep("5 millis")

let marks = 0

const open = (kind: Kind) =>
  Effect.fnUntraced(function* (zone: Zone) {
    const at = yield* folder
    const port = yield* freePort
    const address = `127.0.0.1:${port}`
    const args = kind.args(at, port, zone)
    let program: Program | undefined

    /** A question of its own: when the log has it, it has all before it. */
    const mark = Effect.gen(function* () {
      const name = `mark-${marks++}.${origin}`
      for (;;) {
        yield* Effect.ignore(Effect.timeout(naive(address, name, "A"), "100 millis"))
        const line = program!.lines.findIndex((each) => kind.question.exec(each)?.[1]?.toLowerCase() === name)
        if (line >= 0) return line
        yield* soon
      }
    })
    const restart = Effect.gen(function* () {
      kind.write(at, port, zone)
      program = yield* start(kind.path, args)
      yield* Effect.timeoutOrElse(mark, {
        duration: "20 seconds",
        orElse: () => Effect.die(new Error(`${kind.name} does not answer:\n${program?.lines.join("\n")}`))
      })
    })
    const lab: Lab = {
      name: kind.name,
      version: versionOf(kind.path, kind.versionFlag),
      command: `${kind.name} ${args.join(" ").replaceAll(at, "$DIR").replaceAll(String(port), "$PORT")}`,
      address,
      change: (next) =>
        Effect.sync(() => {
          kind.write(at, port, next)
          program?.kill("SIGHUP")
        }),
      stop: Effect.suspend(() => program?.stop ?? Effect.void),
      restart,
      freeze: Effect.acquireRelease(
        Effect.sync(() => program?.kill("SIGSTOP")),
        () => Effect.sync(() => program?.kill("SIGCONT"))
      ),
      counting: (effect) =>
        Effect.gen(function* () {
          const before = yield* mark
          const result = yield* effect
          const after = yield* mark
          const between = program!.lines.slice(before + 1, after).filter((line) => kind.question.test(line))
          return [result, between.filter((line) => !line.includes("mark-")).length] as const
        })
    }
    yield* restart
    return lab
  })

/** Starts a server of each kind. */
export const labs = [
  { name: "named", open: open(named) },
  { name: "dnsmasq", open: open(dnsmasq) }
] as const
