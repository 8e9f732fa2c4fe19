import * as SchemaAST from "effect/SchemaAST"
import { defaultAnnotation, expectedAnnotation, secretAnnotation } from "../../Setting.ts"

type AST = SchemaAST.AST

/** The steps of a transformation, from what the program gets to what stands in the file. */
const chain = (ast: AST): ReadonlyArray<AST> =>
  ast.encoding === undefined ? [ast] : [ast, ...ast.encoding.flatMap((link) => chain(link.to))]

/** What stands in the file. */
const encodedOf = (ast: AST): AST => {
  const last = chain(ast).at(-1) ?? ast
  return last._tag === "Suspend" ? encodedOf(last.thunk()) : last
}

/** An annotation of the schema, of one of its checks, or of what it is made from. */
const annotation = (ast: AST, key: string): unknown => {
  for (const each of chain(ast)) {
    for (const check of (each.checks ?? []).toReversed()) {
      if (check.annotations?.[key] !== undefined) return check.annotations[key]
    }
    if (each.annotations?.[key] !== undefined) return each.annotations[key]
  }
  return undefined
}

/** The members of a union, `undefined` aside; anything else is its only one. */
const membersOf = (ast: AST): ReadonlyArray<AST> => {
  const encoded = encodedOf(ast)
  return encoded._tag === "Union"
    ? encoded.types.flatMap(membersOf).filter((member) => encodedOf(member)._tag !== "Undefined")
    : [ast]
}

/** The settings of an object, by their keys in the file. */
export const fieldsOf = (ast: AST): ReadonlyArray<{ readonly name: string; readonly type: AST }> => {
  const seen = new Map<string, AST>()
  for (const member of membersOf(ast)) {
    const encoded = encodedOf(member)
    if (encoded._tag !== "Objects") continue
    for (const { name, type } of encoded.propertySignatures) if (typeof name === "string") seen.set(name, type)
  }
  return [...seen].map(([name, type]) => ({ name, type }))
}

/** The schema of one key of an object or one place of a list. */
const childOf = (ast: AST, key: PropertyKey): AST | undefined => {
  for (const member of membersOf(ast)) {
    const encoded = encodedOf(member)
    if (encoded._tag === "Objects") {
      const found = encoded.propertySignatures.find(({ name }) => name === key) ?? encoded.indexSignatures[0]
      if (found !== undefined) return found.type
    }
    if (encoded._tag === "Arrays") {
      const found = encoded.elements[Number(key)] ?? encoded.rest[0]
      if (found !== undefined) return found
    }
  }
  return undefined
}

/** The schema at a path, or `undefined` where it knows none. */
export const astAt = (ast: AST, path: ReadonlyArray<PropertyKey>): AST | undefined =>
  path.reduce<AST | undefined>((at, key) => (at === undefined ? undefined : childOf(at, key)), ast)

/** What kinds of values may stand in the file. */
export type Kind = "text" | "number" | "flag" | "list" | "object" | "other"

const kindOfLiteral = (literal: unknown): Kind =>
  typeof literal === "string" ? "text" : typeof literal === "number" ? "number" : "other"

export const kindsOf = (ast: AST): ReadonlySet<Kind> =>
  new Set(
    membersOf(ast).map((member): Kind => {
      const encoded = encodedOf(member)
      switch (encoded._tag) {
        case "String":
        case "TemplateLiteral":
          return "text"
        case "Number":
          return "number"
        case "Boolean":
          return "flag"
        case "Literal":
          return kindOfLiteral(encoded.literal)
        case "Arrays":
          return "list"
        case "Objects":
          return "object"
        default:
          return "other"
      }
    })
  )

/** The schema of a list's items, where there is a list. */
export const itemOf = (ast: AST): AST | undefined => {
  const list = membersOf(ast)
    .map(encodedOf)
    .find((member) => member._tag === "Arrays")
  return list === undefined ? undefined : childOf(list, 0)
}

/** What Effect's own schemas of `Redacted` are known by. */
const redacted = "effect/schema/Redacted"

/** Whether the value itself is a secret: it says so, or is redacted. */
export const isSecret = (ast: AST): boolean =>
  annotation(ast, secretAnnotation) === true ||
  chain(ast).some((step) => {
    const representation = step.annotations?.["representation"]
    return isObject(representation) && representation["id"] === redacted
  })

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null

/** Whether a secret may stand there, at whatever depth. */
export const holdsSecret = (ast: AST, seen = new Set<AST>()): boolean => {
  if (isSecret(ast)) return true
  return membersOf(ast).some((member) => {
    const encoded = encodedOf(member)
    if (seen.has(encoded)) return false
    seen.add(encoded)
    if (isSecret(member)) return true
    switch (encoded._tag) {
      case "Objects":
        return [...encoded.propertySignatures, ...encoded.indexSignatures].some(({ type }) => holdsSecret(type, seen))
      case "Arrays":
        return [...encoded.elements, ...encoded.rest].some((type) => holdsSecret(type, seen))
      default:
        return false
    }
  })
}

const withoutOne = (ast: AST): string => {
  const encoded = encodedOf(ast)
  switch (encoded._tag) {
    case "String":
      return "a text"
    case "Number":
      return "a number"
    case "Boolean":
      return "true or false"
    case "Literal":
      return JSON.stringify(encoded.literal) ?? "a literal"
    case "Arrays":
      return "a list"
    case "Objects": {
      const names = encoded.propertySignatures.map(({ name }) => String(name))
      return names.length === 0 ? "an object" : `an object with ${names.join(", ")}`
    }
    default:
      return "another value"
  }
}

/** What a value looks like, in one phrase. */
export const expectedOf = (ast: AST): string => {
  const said = annotation(ast, expectedAnnotation)
  if (typeof said === "string") return said
  const encoded = encodedOf(ast)
  if (encoded._tag !== "Union") return withoutOne(ast)
  const members = encoded.types.filter((member) => encodedOf(member)._tag !== "Undefined")
  return [...new Set(members.map(expectedOf))].join(", or ")
}

/** The sentences about a setting. */
export const descriptionOf = (ast: AST): string => {
  const own = annotation(ast, "description")
  if (typeof own === "string") return own
  const [only, ...others] = encodedOf(ast)._tag === "Union" ? membersOf(ast) : []
  return only === undefined || others.length > 0 || only === ast ? "" : descriptionOf(only)
}

/** The default as it would stand in the file, or `undefined`. */
export const defaultOf = (ast: AST): unknown => {
  const own = annotation(ast, defaultAnnotation)
  if (own !== undefined) return own
  const members = encodedOf(ast)._tag === "Union" ? membersOf(ast).filter((member) => member !== ast) : []
  return members.map(defaultOf).find((value) => value !== undefined)
}

export const isOptional = (ast: AST): boolean =>
  SchemaAST.isOptional(ast) || chain(ast).some((step) => SchemaAST.isOptional(step))
