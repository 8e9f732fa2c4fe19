/** The steps of an examination, in the order in which they are taken. */
export type Step =
  | "configuration"
  | "cookie"
  | "tls"
  | "listen"
  | "advertise"
  | "discovery"
  | "dns"
  | "multicast"
  | "epmd"
  | "peer"
  | "names"

/** `warning` is worth a look and breaks nothing now; `skipped` could not be looked at, and another finding says why. */
export type Status = "ok" | "warning" | "failed" | "skipped"

/** What one look at one thing came to. */
export interface Finding {
  readonly step: Step
  /** The file, address, source or peer that was looked at. */
  readonly about: string
  readonly status: Status
  /** What is wrong, in one word for programs: `wrong_cookie`. Absent when nothing is. */
  readonly reason?: string
  /** What was seen. */
  readonly detail: string
  /** What to do. */
  readonly remedy?: string
}

export const ok = (step: Step, about: string, detail: string): Finding => ({ step, about, status: "ok", detail })

export const failed = (step: Step, about: string, reason: string, detail: string, remedy: string): Finding => ({
  step,
  about,
  status: "failed",
  reason,
  detail,
  remedy
})

export const warning = (step: Step, about: string, reason: string, detail: string, remedy: string): Finding => ({
  step,
  about,
  status: "warning",
  reason,
  detail,
  remedy
})

export const skipped = (step: Step, about: string, detail: string): Finding => ({
  step,
  about,
  status: "skipped",
  detail
})

/** What an error says, whatever it is. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** What a step of a walk says, without the address that a transport puts in front of its errors: it stands there already. */
export const bareDetail = (detail: string): string => detail.replace(/^\S+ \S+:\/\/\S+: /, "")
