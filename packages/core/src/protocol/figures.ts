/** The times of the failure detector, in milliseconds (GC/1 section 5). */
export interface DetectorFigures {
  /** A link on which nothing was written for this long gets a HEARTBEAT. */
  readonly heartbeat: number
  /** S: silence after which a member is suspected. */
  readonly suspectAfter: number
  /** D: silence after which a member is down, unless a witness heard it within S. */
  readonly downAfter: number
}

/** The presets. `lan` is the default; `erlang` is close to the BEAM's `net_ticktime` of 60 s. */
export const presets = {
  lan: { heartbeat: 1_000, suspectAfter: 3_000, downAfter: 6_000 },
  lossy: { heartbeat: 1_000, suspectAfter: 3_000, downAfter: 8_000 },
  wan: { heartbeat: 3_000, suspectAfter: 10_000, downAfter: 20_000 },
  test: { heartbeat: 100, suspectAfter: 300, downAfter: 600 },
  erlang: { heartbeat: 15_000, suspectAfter: 30_000, downAfter: 60_000 }
} as const satisfies Record<string, DetectorFigures>

/** The name of a preset. */
export type Preset = keyof typeof presets

/** What is wrong with figures of one's own: a sentence, or `undefined`. */
export const figuresProblem = (figures: DetectorFigures): string | undefined => {
  const { downAfter, heartbeat, suspectAfter } = figures
  if (![heartbeat, suspectAfter, downAfter].every((figure) => Number.isFinite(figure) && figure >= 20)) {
    return "heartbeat, suspectAfter and downAfter are at least 20 milliseconds and finite"
  }
  if (suspectAfter < 2 * heartbeat)
    return "suspectAfter must be at least twice heartbeat: one late heartbeat is no sign"
  if (downAfter < suspectAfter + heartbeat)
    return "downAfter must be at least suspectAfter + heartbeat: a suspect needs time to answer"
  return undefined
}

/** How peers are redialed, in milliseconds. */
export interface Backoff {
  readonly initial: number
  readonly factor: number
  readonly max: number
}

/** The default backoff between dials of one peer, with full jitter. */
export const defaultBackoff: Backoff = { initial: 250, factor: 2, max: 30_000 }

/** Figures that nobody needs to set, in milliseconds where they are times (GC/1 sections 4, 5 and 7). */
export const limits = {
  /** Dials under way at once. */
  dials: 32,
  /** Of these, for peers that discovery lists or that are doubted: the rest is for probes and for `connect`. */
  listedDials: 24,
  /** Of these, for candidates that only neighbours tell of: silent addresses among them keep nobody else waiting. */
  candidateDials: 16,
  /** Dials younger than `freshFor`: with more of them a start begins handshakes that cannot end in time. Not for `connect`. */
  freshDials: 4,
  /** A dial that takes longer, and twice as long as others did, keeps no other one waiting: its peer is silent. */
  freshFor: 1_000,
  /** What a dial may take with its handshake. */
  dialTime: 5_000,
  /** What dials took is forgotten when none became a link for this long. */
  paceFor: 10_000,
  /** The higher of two names waits 25 ± 15 ms before its first dial, and as many times that as there are so many peers. */
  dialsInStep: 2,
  /** At most so many times. */
  maxSteps: 10,
  /** A link this old makes the next backoff begin anew. */
  healthyAfter: 10_000,
  /** A backoff is kicked to zero at most this often. */
  kickEvery: 5_000,
  /** PEERS goes to one link at most this often. */
  peersEvery: 5_000,
  /** While dials are under way, PEERS waits until no link came up for this long. */
  peersStill: 1_000,
  /** A link this old does not wait for that. */
  peersLatest: 15_000,
  /** A candidate from peer exchange is forgotten this long after no neighbour holds a link to it. */
  candidateLifetime: 60_000,
  /** A node whose clock went back raises its generation this often in one life: peers may know different earlier lives. */
  raises: 8,
  /** It does not while a name conflict stands: one that does is heard of every second, from the node's own last life it passes. */
  conflict: 10_000,
  /** Streams to observers, those that are about to begin or to end included. */
  observers: 16,
  /** An observer's link on which nothing was written for this long gets a HEARTBEAT; an observer sends one as often. */
  observerHeartbeat: 1_000,
  /** An observer that was silent for this long is gone, and so is a node to its observer. The detector's figures do not count. */
  observerSilence: 10_000,
  candidates: 4_096,
  members: 4_096,
  bindings: 8_192,
  targets: 8_192,
  avoided: 8_192,
  /** Addresses of one peer from one kind of origin. */
  addresses: 16,
  /** `connect` calls that wait for one peer. */
  requests: 1_024,
  entriesPerSource: 8_192,
  witnesses: 5,
  /** An address at which the node reached itself is left alone for this long. */
  selfConnect: 600_000,
  /** A record of a member that is down or left is forgotten after this. */
  ended: 86_400_000,
  /** One log line for the same reason and subject at most this often. */
  logEvery: 60_000,
  logKeys: 1_024,
  /** Of a lost link, before `Suspected` is said. */
  grace: 500,
  /** A peer whose links are lost again and again is probed by redialing at most this often. */
  probeEvery: 1_000,
  /** For an answer on a link that is probed. */
  probe: 1_000,
  /** A replaced link is read this long, or to its end. */
  retire: 1_000,
  /** From READY to the first frame of the other side. */
  firstFrame: 5_000,
  /** Looks that a peer must be absent from before it is removed. */
  absentLooks: 3,
  /** Looks in a row that must agree before half of a source's peers or more are removed. */
  shrinkLooks: 10
} as const

/** The resolution of the detector: a quarter of the heartbeat, at most 250 ms. */
export const tickOf = (figures: DetectorFigures): number => Math.min(250, figures.heartbeat / 4)
