import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"

/** The most characters of a line; the rest is another one. */
const longest = 16_384

/** The next bytes of stdin; none at its end. Nothing is read before they are wanted. */
const nextChunk = Effect.callback<Option.Option<Uint8Array>>((resume) => {
  const { stdin } = process
  const events = ["readable", "end", "close", "error"] as const
  const off = () => {
    for (const event of events) stdin.off(event, look)
  }
  const look = () => {
    const chunk = stdin.read() as Buffer | null
    if (chunk === null && !stdin.readableEnded && !stdin.destroyed) return
    off()
    resume(Effect.succeed(Option.fromNullOr(chunk)))
  }
  for (const event of events) stdin.on(event, look)
  look()
  return Effect.sync(off)
})

/** What is said so far, and the line that is not ended yet. */
const split = (text: string): { readonly lines: ReadonlyArray<string>; readonly rest: string } => {
  const lines = text.split(/\r?\n/)
  const rest = lines.at(-1) ?? ""
  const whole = rest.length > longest ? lines : lines.slice(0, -1)
  return {
    lines: whole.flatMap((line) => line.match(/[^]{1,16384}/gu) ?? []),
    rest: rest.length > longest ? "" : rest
  }
}

/** The lines of stdin that are not empty, until it ends. */
export const stdinLines: Stream.Stream<string> = Stream.unwrap(
  Effect.sync(() => {
    const decoder = new TextDecoder()
    let rest = ""
    const next = Effect.map(nextChunk, (chunk) => {
      const isEnd = Option.isNone(chunk)
      const { lines, rest: unfinished } = split(
        rest + (isEnd ? `${decoder.decode()}\n` : decoder.decode(chunk.value, { stream: true }))
      )
      rest = unfinished
      return { lines, isEnd }
    })
    return Stream.fromEffectRepeat(next).pipe(
      Stream.takeUntil(({ isEnd }) => isEnd),
      Stream.flatMap(({ lines }) => Stream.fromIterable(lines))
    )
  })
)
