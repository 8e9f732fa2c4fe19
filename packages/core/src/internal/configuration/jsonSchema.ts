import * as JsonSchema from "effect/JsonSchema"
import * as Schema from "effect/Schema"
import type * as SchemaAST from "effect/SchemaAST"
import type { Plugins } from "../../Plugin.ts"
import { millisOf } from "../optionValues.ts"
import { astAt, defaultOf, descriptionOf, expectedOf, itemOf } from "./ast.ts"
import { entryFields, entryKeys, type Group, groupDescriptions, groups, optionsSchema, pluginsOf } from "./settings.ts"

type Json = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value)

const listOf = (value: unknown): ReadonlyArray<unknown> => (Array.isArray(value) ? value : [])

const isDuration = (text: string): boolean => text === "infinity" || millisOf(text) !== undefined

/** Whether a text that is given as the default is one, and not words about it: one of some words, or a duration. */
const isWord = (node: Json, text: string): boolean =>
  listOf(node["enum"]).includes(text) ||
  node["const"] === text ||
  listOf(node["anyOf"]).some(
    (each) => isObject(each) && (each["type"] === "number" ? isDuration(text) : isWord(each, text))
  )

const sentence = (label: string, value: unknown): ReadonlyArray<string> =>
  value === undefined ? [] : [`${label}: ${typeof value === "string" ? value : JSON.stringify(value)}.`]

/** What editors show: the description of the setting, what a value looks like, and the default. */
const aboutOf = (node: Json, ast: SchemaAST.AST): Json => {
  const said = descriptionOf(ast)
  const value = defaultOf(ast)
  if (said === "" && value === undefined) return {}
  const isText = typeof value === "string"
  return {
    description: [
      ...(said === "" ? [] : [said]),
      ...sentence("Expected", expectedOf(ast)),
      ...sentence("Default", value)
    ].join(" "),
    ...(value !== undefined && !(isText && !isWord(node, value)) && { default: value })
  }
}

/** One check stands beside the type; integers have no bounds but those that were set. */
const simplified = (node: Json): Json => {
  const { allOf, ...rest } = node
  const bare = Object.fromEntries(
    Object.entries(rest).filter(([, value]) => typeof value !== "number" || Math.abs(value) !== Number.MAX_SAFE_INTEGER)
  )
  const [only, ...others] = listOf(allOf)
  if (only === undefined) return bare
  return isObject(only) && others.length === 0 && Object.keys(only).every((key) => !(key in bare))
    ? { ...bare, ...simplified(only) }
    : { ...bare, allOf }
}

/** A JSON Schema with what the annotations of its settings say. */
const decorated = (given: unknown, ast: SchemaAST.AST): unknown => {
  if (!isObject(given)) return given
  const { default: _default, description: _description, ...node } = simplified(given)
  const { anyOf, items, properties } = node
  const below = isObject(properties)
    ? Object.entries(properties).map(([key, value]) => {
        const type = astAt(ast, [key])
        return [key, type === undefined ? value : decorated(value, type)]
      })
    : []
  const item = itemOf(ast)
  return {
    ...node,
    ...aboutOf(node, ast),
    ...(Array.isArray(anyOf) && { anyOf: anyOf.map((each) => within(each, ast)) }),
    ...(isObject(properties) && { properties: Object.fromEntries(below) }),
    ...(isObject(items) && item !== undefined && { items: decorated(items, item) })
  }
}

/** A member of a union: what is said of the whole is not said again. */
const within = (member: unknown, ast: SchemaAST.AST): unknown => {
  const result = decorated(member, ast)
  if (!isObject(result)) return result
  const { default: _default, description: _description, ...rest } = result
  return rest
}

/** The schema of a group's entries: those of known plugins, and any other that says its package. */
const groupOf = (group: Group, plugins: Plugins, entries: Json, own: Json): Json => ({
  type: "object",
  description: groupDescriptions[group],
  properties: Object.fromEntries(
    pluginsOf(plugins, group).map(({ key }) => [key, withCore(group, entries[nameOf(group, key)], own)])
  ),
  additionalProperties: {
    type: "object",
    description: "Settings of a plugin that comes from the package that the entry names.",
    properties: Object.fromEntries(entryKeys(group).map((key) => [key, own[key]])),
    required: ["package"]
  },
  ...(group === "resolver" && { maxProperties: 1 })
})

/** The schema of an entry with the keys that core takes from it. */
const withCore = (group: Group, entry: unknown, own: Json): unknown => {
  if (!isObject(entry)) return entry
  const core = Object.fromEntries(entryKeys(group).map((key) => [key, own[key]]))
  const variants = Object.fromEntries(
    ["anyOf", "oneOf", "allOf"].flatMap((key) =>
      Array.isArray(entry[key]) ? [[key, entry[key].map((each) => withCore(group, each, own))]] : []
    )
  )
  const { properties } = entry
  return { ...entry, ...variants, ...(isObject(properties) && { properties: { ...properties, ...core } }) }
}

const nameOf = (group: Group, key: string): string => `${group}.${key}`

/** Draft-07, for editors. */
export const jsonSchemaOf = (plugins: Plugins): Json => {
  const entries = groups.flatMap((group) =>
    pluginsOf(plugins, group).map(({ key, schema }) => [nameOf(group, key), Schema.optionalKey(schema)])
  )
  const whole = Schema.Struct({
    options: optionsSchema,
    entries: Schema.Struct(Object.fromEntries(entries)),
    own: Schema.Struct(entryFields)
  })
  const document = JsonSchema.toDocumentDraft07(Schema.toJsonSchemaDocument(whole, { onExcessProperty: "error" }))
  const parts = decorated(document.schema, whole.ast)
  const options = partOf(parts, "options")
  const own = propertiesOf(partOf(parts, "own"))
  const found = propertiesOf(partOf(parts, "entries"))
  return {
    $schema: JsonSchema.META_SCHEMA_URI_DRAFT_07,
    title: "The configuration of a gc node",
    ...options,
    properties: {
      $schema: { type: "string", description: "Where this schema is." },
      ...propertiesOf(options),
      ...Object.fromEntries(groups.map((group) => [group, groupOf(group, plugins, found, own)]))
    },
    ...(Object.keys(document.definitions).length > 0 && { definitions: document.definitions })
  }
}

const propertiesOf = (schema: Json): Json => (isObject(schema["properties"]) ? schema["properties"] : {})

const partOf = (schema: unknown, key: string): Json => {
  const part = isObject(schema) ? propertiesOf(schema)[key] : undefined
  return isObject(part) ? part : {}
}
