import type { LinkSecurity, SecurityMode } from "../Transport.ts"

/** What a diagnosis dials with to see whether somebody has another mode than this side. */
interface Explicit extends LinkSecurity {
  readonly explicit: true
}

/** A dial in this mode, also where a configuration gives the transport one of its own. */
export const explicitly = (security: LinkSecurity, mode: SecurityMode): LinkSecurity => {
  const wanted: Explicit = { ...security, mode, explicit: true }
  return wanted
}

export const isExplicit = (security: LinkSecurity): boolean => "explicit" in security
