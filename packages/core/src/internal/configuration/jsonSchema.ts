import type { Plugins } from "../../Plugin.ts"

export const jsonSchemaOf = (_plugins: Plugins): Readonly<Record<string, unknown>> => ({})
