import * as Discovery from "@gc/core/Discovery"
import { createClient } from "@redis/client"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type { Settings } from "./settings.ts"
import { monotonic } from "./time.ts"

/** What Node's timers take. */
const longestTimer = 2 ** 31 - 1

const open = ({ timeout, url }: Settings) =>
  createClient({
    url: Redacted.value(url),
    RESP: 2,
    // Looks and renewals come again by themselves: each connects where there is no connection.
    disableOfflineQueue: true,
    disableClientInfo: true,
    maintNotifications: "disabled",
    socket: { reconnectStrategy: false, connectTimeout: Math.min(Duration.toMillis(timeout), longestTimer) }
  }).on("error", () => {
    // Who asks is told; a listener must be there, or the process would end.
  })

type Client = ReturnType<typeof open>

/** One connection to the server, made when it is asked for and made anew when it was lost. */
export interface Connection {
  /** One or more commands. What is not answered within the timeout fails, and closes the connection. */
  readonly ask: <A>(commands: (client: Client) => Promise<A>) => Effect.Effect<A, Discovery.DiscoveryReason>
  /** When the connection took the place of an earlier one, in monotonic milliseconds; `-Infinity` as long as none did. */
  readonly renewedAt: () => number
}

/** A socket that is still connecting is not the client's yet: it is ended when it is. */
const end = (client: Client): void => {
  client.once("connect", () => client.destroy())
  client.destroy()
}

/** Closes the connection when the scope closes; one that is still being made, as soon as it is. */
export const makeConnection = Effect.fnUntraced(function* (settings: Settings) {
  const now = yield* monotonic
  let current: { readonly client: Client; readonly ready: Promise<unknown> } | undefined
  let opened = 0
  let renewedAt = -Infinity

  const drop = () => {
    if (current !== undefined) end(current.client)
    current = undefined
  }
  const connected = (): Promise<Client> => {
    if (current === undefined || !current.client.isOpen) {
      drop()
      const client = open(settings)
      const ready = client.connect().then(() => {
        if (opened++ > 0) renewedAt = now()
      })
      current = { client, ready }
    }
    const { client, ready } = current
    return ready.then(() => client)
  }
  yield* Effect.addFinalizer(() => Effect.sync(drop))

  const connection: Connection = {
    ask: (commands) =>
      Effect.tryPromise({
        try: () => connected().then(commands),
        catch: (cause) => new Discovery.LookFailed({ detail: explain(settings, cause), cause })
      }).pipe(
        Effect.timeoutOrElse({
          duration: settings.timeout,
          orElse: () =>
            Effect.suspend(() => {
              drop()
              return Effect.fail(new Discovery.LookTimeout({ millis: Duration.toMillis(settings.timeout) }))
            })
        })
      ),
    renewedAt: () => renewedAt
  }
  return connection
})

/** What the server's answers ask for, by the word that they begin with. */
const remedies: Readonly<Record<string, string>> = {
  NOAUTH: "give the password in the url, redis://:password@host",
  WRONGPASS: "the url has another user or password than the server",
  NOPERM: "the user may lack a command or the keys: it needs +scan +getrange +set +del and the keys of the prefix",
  READONLY: "this is a replica: name the primary in the url",
  OOM: "the server has no memory left for the keys of nodes",
  MISCONF: "the server cannot save, and takes no writes"
}

const explain = ({ server }: Settings, cause: unknown): string => {
  const message =
    cause instanceof Error ? cause.message || String((cause as NodeJS.ErrnoException).code) : String(cause)
  const remedy = remedies[message.split(" ", 1)[0] ?? ""]
  return `${server}: ${message}${remedy === undefined ? "" : `: ${remedy}`}`
}
