/** A place in a text; both begin with 1. */
interface Place {
  readonly line: number
  readonly column: number
}

/** What came of reading a text. Nothing of the text itself stands in a refusal: a secret may be there. */
export type Jsonc =
  | { readonly _tag: "Value"; readonly value: unknown; readonly twice: ReadonlyArray<Twice> }
  | { readonly _tag: "Empty" }
  | { readonly _tag: "Malformed"; readonly place: Place; readonly detail: string }

/** A key that stands twice in one object. */
interface Twice {
  readonly path: ReadonlyArray<string>
  readonly place: Place
}

const maxDepth = 64

/** Many mistakes of one kind are told by the first ones. */
const maxTwice = 100

const unescaped: Readonly<Record<string, string>> = { "\n": "the end of the line", "": "the end of the file" }

class Malformed extends Error {
  readonly at: number

  constructor(at: number, detail: string) {
    super(detail)
    this.at = at
  }
}

/** Reads JSON in which comments and trailing commas may stand. */
class Scanner {
  readonly #text: string
  readonly twice: Array<Twice> = []
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  get ended(): boolean {
    this.#skip()
    return this.#at >= this.#text.length
  }

  place(at: number): Place {
    const before = this.#text.slice(0, at)
    return { line: before.split("\n").length, column: at - before.lastIndexOf("\n") }
  }

  document(): unknown {
    const value = this.#value([])
    if (!this.ended) this.#fail("nothing but comments can stand behind the value")
    return value
  }

  #fail(detail: string, at = this.#at): never {
    throw new Malformed(at, detail)
  }

  #skip(): void {
    const blank = /(?:[ \t\r\n]+|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y
    blank.lastIndex = this.#at
    this.#at += blank.exec(this.#text)?.[0].length ?? 0
    if (this.#text.startsWith("/*", this.#at)) this.#fail("a comment has no end")
  }

  #take(token: string): boolean {
    this.#skip()
    if (!this.#text.startsWith(token, this.#at)) return false
    this.#at += token.length
    return true
  }

  #value(path: ReadonlyArray<string>): unknown {
    if (path.length > maxDepth) this.#fail(`values stand in each other more than ${maxDepth} deep`)
    if (this.#take("{")) return this.#object(path)
    if (this.#take("[")) return this.#list(path)
    if (this.#text[this.#at] === '"') return this.#string()
    const word = /[^\s,:{}[\]"/]*/y
    word.lastIndex = this.#at
    const found = word.exec(this.#text)?.[0] ?? ""
    if (!/^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/.test(found)) {
      this.#fail("a value is expected here: a text in double quotes, a number, true, false, null, a list or an object")
    }
    this.#at += found.length
    return JSON.parse(found)
  }

  #string(): string {
    const start = this.#at
    const string = /"(?:[^"\\\n]|\\.)*/y
    string.lastIndex = start
    const found = string.exec(this.#text)?.[0] ?? ""
    const stop = this.#text[start + found.length] ?? ""
    if (stop !== '"') this.#fail(`a text has no end before ${unescaped[stop] ?? "here"}`, start)
    this.#at = start + found.length + 1
    try {
      return JSON.parse(`${found}"`) as string
    } catch {
      return this.#fail("a text has a control character, or a backslash before what it cannot escape", start)
    }
  }

  #object(path: ReadonlyArray<string>): unknown {
    const object: Record<string, unknown> = Object.create(null)
    while (!this.#take("}")) {
      this.#skip()
      const at = this.#at
      if (this.#text[at] !== '"') this.#fail('a key in double quotes, or "}", is expected here')
      const key = this.#string()
      const below = [...path, key]
      if (Object.hasOwn(object, key) && this.twice.length < maxTwice) {
        this.twice.push({ path: below, place: this.place(at) })
      }
      if (!this.#take(":")) this.#fail('":" is expected behind a key')
      object[key] = this.#value(below)
      if (!this.#take(",") && !this.#ahead("}")) this.#fail('"," or "}" is expected here')
    }
    return object
  }

  #list(path: ReadonlyArray<string>): unknown {
    const list: Array<unknown> = []
    while (!this.#take("]")) {
      list.push(this.#value([...path, String(list.length)]))
      if (!this.#take(",") && !this.#ahead("]")) this.#fail('"," or "]" is expected here')
    }
    return list
  }

  #ahead(token: string): boolean {
    this.#skip()
    return this.#text.startsWith(token, this.#at)
  }
}

/** Reads a configuration's text; a byte order mark before it counts as nothing. */
export const readJsonc = (given: string): Jsonc => {
  const text = given.replace(/^\ufeff/, "")
  const scanner = new Scanner(text)
  try {
    return scanner.ended ? { _tag: "Empty" } : { _tag: "Value", value: scanner.document(), twice: scanner.twice }
  } catch (error) {
    if (!(error instanceof Malformed)) throw error
    return { _tag: "Malformed", place: scanner.place(error.at), detail: error.message }
  }
}
