/**
 * The objects of Kubernetes that the manifests use, as its API reference documents them: which fields there are, which are
 * required, and what they hold. A field that is not here is refused, as `kubectl apply --validate=strict` refuses it.
 */
import * as Schema from "effect/Schema"

const label = Schema.String.check(Schema.isPattern(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/))
const portName = Schema.String.check(Schema.isPattern(/^(?=.{1,15}$)(?=.*[a-z])[a-z0-9]+(-[a-z0-9]+)*$/))
const portNumber = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 65_535 }))
const port = Schema.Union([portName, portNumber])
const protocol = Schema.Literals(["TCP", "UDP", "SCTP"])
const count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))
const quantity = Schema.String.check(Schema.isPattern(/^[0-9]+(\.[0-9]+)?(m|Ki|Mi|Gi|k|M|G)?$/))
const absolutePath = Schema.String.check(Schema.isPattern(/^\/[^:]*$/))
const optional = Schema.optionalKey

const labels = Schema.Record(Schema.String, Schema.String)
const metadata = Schema.Struct({ name: label, labels })
const selector = Schema.Struct({ matchLabels: labels })

const service = Schema.Struct({
  apiVersion: Schema.Literal("v1"),
  kind: Schema.Literal("Service"),
  metadata,
  spec: Schema.Struct({
    clusterIP: optional(Schema.String),
    publishNotReadyAddresses: optional(Schema.Boolean),
    selector: labels,
    ports: Schema.NonEmptyArray(
      Schema.Struct({
        name: portName,
        port: portNumber,
        targetPort: optional(port),
        protocol: optional(protocol)
      })
    )
  })
})

const env = Schema.Union([
  Schema.Struct({ name: Schema.String, value: Schema.String }),
  Schema.Struct({
    name: Schema.String,
    valueFrom: Schema.Struct({
      fieldRef: Schema.Struct({ fieldPath: Schema.Literals(["metadata.name", "metadata.namespace", "status.podIP"]) })
    })
  })
])

const container = Schema.Struct({
  name: label,
  image: Schema.String,
  command: optional(Schema.Array(Schema.String)),
  ports: optional(
    Schema.Array(Schema.Struct({ name: portName, containerPort: portNumber, protocol: optional(protocol) }))
  ),
  env: optional(Schema.Array(env)),
  readinessProbe: optional(
    Schema.Struct({
      httpGet: Schema.Struct({ path: absolutePath, port }),
      periodSeconds: optional(count),
      timeoutSeconds: optional(count),
      failureThreshold: optional(count)
    })
  ),
  securityContext: optional(
    Schema.Struct({
      allowPrivilegeEscalation: optional(Schema.Boolean),
      readOnlyRootFilesystem: optional(Schema.Boolean),
      capabilities: optional(Schema.Struct({ drop: Schema.Array(Schema.String) }))
    })
  ),
  resources: optional(
    Schema.Struct({
      requests: Schema.Struct({ cpu: optional(quantity), memory: optional(quantity) }),
      limits: Schema.Struct({ cpu: optional(quantity), memory: optional(quantity) })
    })
  ),
  volumeMounts: optional(
    Schema.Array(Schema.Struct({ name: label, mountPath: absolutePath, readOnly: optional(Schema.Boolean) }))
  )
})

const volume = Schema.Union([
  Schema.Struct({
    name: label,
    secret: Schema.Struct({
      secretName: label,
      defaultMode: optional(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 0o777 })))
    })
  }),
  Schema.Struct({
    name: label,
    emptyDir: Schema.Struct({ medium: optional(Schema.Literals(["", "Memory"])), sizeLimit: optional(quantity) })
  })
])

const template = Schema.Struct({
  metadata: Schema.Struct({ labels }),
  spec: Schema.Struct({
    terminationGracePeriodSeconds: optional(count),
    automountServiceAccountToken: optional(Schema.Boolean),
    enableServiceLinks: optional(Schema.Boolean),
    securityContext: optional(
      Schema.Struct({
        runAsNonRoot: optional(Schema.Boolean),
        runAsUser: optional(count),
        runAsGroup: optional(count),
        fsGroup: optional(count),
        seccompProfile: optional(Schema.Struct({ type: Schema.Literals(["RuntimeDefault", "Unconfined"]) }))
      })
    ),
    initContainers: optional(Schema.Array(container)),
    containers: Schema.NonEmptyArray(container),
    volumes: optional(Schema.Array(volume))
  })
})

const deployment = Schema.Struct({
  apiVersion: Schema.Literal("apps/v1"),
  kind: Schema.Literal("Deployment"),
  metadata,
  spec: Schema.Struct({
    replicas: count,
    minReadySeconds: optional(count),
    strategy: optional(
      Schema.Struct({
        type: Schema.Literals(["RollingUpdate", "Recreate"]),
        rollingUpdate: optional(Schema.Struct({ maxSurge: count, maxUnavailable: count }))
      })
    ),
    selector,
    template
  })
})

const statefulSet = Schema.Struct({
  apiVersion: Schema.Literal("apps/v1"),
  kind: Schema.Literal("StatefulSet"),
  metadata,
  spec: Schema.Struct({
    replicas: count,
    minReadySeconds: optional(count),
    serviceName: label,
    podManagementPolicy: optional(Schema.Literals(["OrderedReady", "Parallel"])),
    selector,
    template
  })
})

const disruptionBudget = Schema.Struct({
  apiVersion: Schema.Literal("policy/v1"),
  kind: Schema.Literal("PodDisruptionBudget"),
  metadata,
  spec: Schema.Struct({ maxUnavailable: count, selector })
})

const networkPolicy = Schema.Struct({
  apiVersion: Schema.Literal("networking.k8s.io/v1"),
  kind: Schema.Literal("NetworkPolicy"),
  metadata,
  spec: Schema.Struct({
    podSelector: selector,
    policyTypes: Schema.Array(Schema.Literals(["Ingress", "Egress"])),
    ingress: Schema.Array(
      Schema.Struct({
        from: Schema.Array(Schema.Struct({ podSelector: selector })),
        ports: Schema.Array(Schema.Struct({ port, protocol: optional(protocol) }))
      })
    )
  })
})

const kinds = {
  Service: service,
  Deployment: deployment,
  StatefulSet: statefulSet,
  PodDisruptionBudget: disruptionBudget,
  NetworkPolicy: networkPolicy
}

/** The objects by their kinds. */
export type Kinds = { readonly [Kind in keyof typeof kinds]: (typeof kinds)[Kind]["Type"] }

/** Reads an object as the kind that it says; throws with the place and what is wrong there. */
export const readObject = (object: unknown): Kinds[keyof Kinds] => {
  const { kind } = Schema.decodeUnknownSync(Schema.Struct({ kind: Schema.Literals(Object.keys(kinds)) }))(object)
  return Schema.decodeUnknownSync(kinds[kind as keyof Kinds] as Schema.Codec<Kinds[keyof Kinds]>, {
    onExcessProperty: "error"
  })(object)
}
