/** What a run of a package's suites came to. */
export interface Outcome {
  readonly passed: number
  readonly skipped: number
  /** Checks that passed at the second try. */
  readonly retried: ReadonlyArray<string>
  readonly failed: ReadonlyArray<{ readonly check: string; readonly error: string }>
  /** What went wrong outside of the checks. */
  readonly errors: ReadonlyArray<string>
  /** Whether the changed file was loaded at all. */
  readonly loaded: boolean
}

/** What became of one mutant. */
export interface Verdict {
  readonly mutant: string
  readonly plugin: string
  readonly what: string
  readonly file: string
  readonly caught: boolean
  /** Where in the suite the check stands that caught it, or what was found instead. */
  readonly by: string
  /** What the check said. */
  readonly shows: string
  readonly seconds: number
}

/** What the suites say of a plug-in as it is. */
export interface Sound {
  readonly plugin: string
  readonly passed: number
  readonly skipped: number
  readonly retried: ReadonlyArray<string>
  readonly ok: boolean
  readonly problems: ReadonlyArray<string>
  readonly seconds: number
}
