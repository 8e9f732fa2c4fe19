/**
 * What the node is told by its environment.
 */
import * as Config from "effect/Config"

/** Each setting and the variable that it comes from. */
export const variables = {
  cluster: "GC_CLUSTER",
  node: "GC_NODE",
  cookieFile: "GC_COOKIE_FILE",
  host: "GC_HOST",
  port: "GC_PORT",
  dnsName: "GC_DNS_NAME",
  dnsType: "GC_DNS_TYPE",
  resolvConf: "GC_RESOLV_CONF",
  healthPort: "GC_HEALTH_PORT"
} as const

/** The kinds of DNS records that nodes are found by. */
const recordTypes = ["A", "AAAA", "SRV"] as const

/** The settings; a missing or a wrong one fails with an error that names its variable. */
export const settings = Config.all({
  /** The cluster's name. */
  cluster: Config.NonEmptyString(variables.cluster),
  /** `basename@host`, unique in the cluster. */
  node: Config.NonEmptyString(variables.node),
  /** A file that only this process's user can read. */
  cookieFile: Config.NonEmptyString(variables.cookieFile),
  /** The address that this node listens at and that the others dial: the pod's. */
  host: Config.NonEmptyString(variables.host),
  /** The port of nodes. Default: 4370. */
  port: Config.Port(variables.port).pipe(Config.withDefault(4370)),
  /** The name whose records list the nodes; one with fewer dots than `ndots` is looked up in the search domains. */
  dnsName: Config.NonEmptyString(variables.dnsName),
  /** Default: A. */
  dnsType: Config.Literals(recordTypes, variables.dnsType).pipe(Config.withDefault("A")),
  /** Whom to ask and where to search. Default: /etc/resolv.conf. */
  resolvConf: Config.NonEmptyString(variables.resolvConf).pipe(Config.withDefault("/etc/resolv.conf")),
  /** Where /healthz and /members are. Default: 8080. */
  healthPort: Config.Port(variables.healthPort).pipe(Config.withDefault(8080))
})

/** The settings of a node. */
export type Settings = Config.Success<typeof settings>
