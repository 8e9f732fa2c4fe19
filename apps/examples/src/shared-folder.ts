/**
 * A discovery of one's own, with all that a package would have: every node writes its address into a folder that all of them
 * share, and takes it out when it goes.
 */
import * as Address from "@gc/core/Address"
import * as Discovery from "@gc/core/Discovery"
import * as Peer from "@gc/core/Peer"
import * as Plugin from "@gc/core/Plugin"
import * as Setting from "@gc/core/Setting"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"

interface Options {
  readonly folder: string
  readonly interval?: Duration.Input | undefined
}

const make = ({ folder, interval }: Options): Discovery.Source =>
  Discovery.make({
    name: "shared-folder",
    looks: (context) => {
      const looks = Discovery.poll({ name: "shared-folder", lookup: () => look(folder), interval }).looks(context)
      return context.announce === false ? looks : Stream.unwrap(Effect.as(announced(folder, context), looks))
    }
  })

const look = Effect.fnUntraced(function* (folder: string) {
  const files = yield* attempt(() => readdir(folder))
  const addresses = yield* Effect.forEach(
    files.filter((file) => file.endsWith(".node")),
    (file) => attempt(() => readFile(join(folder, file), "utf8"))
  )
  return addresses.map((text) => Peer.fromAddress(Address.parseUnsafe(text)))
})

/** In the folder for as long as the scope is open: whole, or not at all. */
const announced = (folder: string, { self }: Discovery.DiscoveryContext) => {
  const path = join(folder, `${self.instance}.node`)
  const write = attempt(async () => {
    await mkdir(folder, { recursive: true })
    await writeFile(`${path}.new`, self.addresses.slice(0, 1).map(Address.format).join(""))
    await rename(`${path}.new`, path)
  })
  return Effect.acquireRelease(Effect.mapError(write, broken), () => Effect.ignore(attempt(() => rm(path))))
}

const attempt = <A>(work: () => Promise<A>) =>
  Effect.tryPromise({ try: work, catch: (cause) => new Discovery.LookFailed({ detail: String(cause), cause }) })

const broken = (reason: Discovery.LookFailed) => new Discovery.DiscoveryError({ source: "shared-folder", reason })

export const layer = (options: Options): Layer.Layer<Discovery.Discovery> =>
  Layer.succeed(Discovery.Discovery, make(options))

/** `{ "discovery": { "shared-folder": { "folder": "/run/orders" } } }` */
export const plugin = Plugin.discovery({
  key: "shared-folder",
  schema: Schema.Struct({
    folder: Setting.text({ description: "Where the nodes write their addresses.", expected: "the path of a folder" }),
    interval: Schema.optionalKey(Setting.duration({ description: "Between two looks.", default: "5 seconds" }))
  }),
  layer: ({ folder, interval }, { files }) => layer({ folder: files.resolve(folder), interval })
})
