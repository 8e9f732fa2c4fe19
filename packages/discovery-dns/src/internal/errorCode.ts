/** The code of a system's error: `ECONNREFUSED`. */
export const errorCode = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  return "code" in error && typeof error.code === "string" ? error.code : error.message
}
