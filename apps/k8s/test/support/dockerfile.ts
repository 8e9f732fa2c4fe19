/** A line of a Dockerfile. */
interface Step {
  readonly instruction: string
  readonly value: string
}

/** A COPY: its sources, from the context or from another stage. */
interface Copy {
  readonly from: string | undefined
  readonly sources: ReadonlyArray<string>
  readonly target: string
}

/** A stage: everything from one FROM to the next. */
export interface Stage {
  readonly base: string
  readonly name: string | undefined
  readonly steps: ReadonlyArray<Step>
  readonly copies: ReadonlyArray<Copy>
}

const instructions = ["FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "EXPOSE", "CMD"]

/** Reads a Dockerfile without continued lines; throws for an instruction that it does not know. */
export const readDockerfile = (text: string): ReadonlyArray<Stage> => {
  const stages: Array<{ base: string; name: string | undefined; steps: Array<Step>; copies: Array<Copy> }> = []
  for (const line of text.split("\n")) {
    if (line === "" || line.startsWith("#")) continue
    const [instruction = "", ...words] = line.split(" ")
    if (!instructions.includes(instruction) || line.endsWith("\\")) throw new Error(`not understood: ${line}`)
    if (instruction === "FROM") {
      const [base = "", as, name] = words
      if (words.length !== 1 && (words.length !== 3 || as !== "AS")) throw new Error(`not understood: ${line}`)
      stages.push({ base, name, steps: [], copies: [] })
      continue
    }
    const stage = stages.at(-1)
    if (stage === undefined) throw new Error(`before the first FROM: ${line}`)
    stage.steps.push({ instruction, value: words.join(" ") })
    if (instruction === "COPY") stage.copies.push(readCopy(words))
  }
  return stages
}

const readCopy = (words: ReadonlyArray<string>): Copy => {
  const [, from] = /^--from=(.+)$/.exec(words[0] ?? "") ?? []
  const places = from === undefined ? words : words.slice(1)
  if (places.some((place) => place.startsWith("--"))) throw new Error(`not understood: COPY ${words.join(" ")}`)
  return { from, sources: places.slice(0, -1), target: places.at(-1) ?? "" }
}
