import type { ReferenceRow } from "../../Configuration.ts"
import type { Plugins } from "../../Plugin.ts"

export const referenceOf = (_plugins: Plugins): ReadonlyArray<ReferenceRow> => []
