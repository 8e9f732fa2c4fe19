/** A plug-in with one line of its source changed, and the check of its conformance suite that notices. */
export interface Mutant {
  readonly name: string
  /** The fault, in a sentence. */
  readonly what: string
  /** The folder of the package whose suites must notice. */
  readonly plugin: string
  /** The file, below `packages`: the plug-in's own, or one of core that it is made with. */
  readonly file: string
  /** A part of one line, which the file has once. */
  readonly find: string
  readonly replace: string
  /** The check that catches it: with it alone the mutant is tried first. */
  readonly caughtBy: string
}
