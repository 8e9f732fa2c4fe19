import * as Metric from "effect/Metric"

const counter = (name: string, description: string) => Metric.counter(name, { description, incremental: true })

export const questions = counter("gc_epmd_questions_total", "Questions that epmds were asked, by request")
export const registrations = counter(
  "gc_epmd_registrations_total",
  "Registrations at the epmd of this host, by result: registered, taken, failed, lost"
)
export const registered = Metric.gauge("gc_epmd_registered", {
  description: "Nodes of this process that are registered"
})
export const listed = Metric.gauge("gc_epmd_names", {
  description: "Names in the last look at an epmd, by host and kind: gc, foreign (another cluster's), other"
})
export const daemons = Metric.gauge("gc_epmd_daemons", { description: "Daemons that this process runs" })
export const daemonNames = Metric.gauge("gc_epmd_daemon_names", { description: "Names at the daemon" })
export const daemonRequests = counter("gc_epmd_daemon_requests_total", "Requests that the daemon answered, by request")
export const daemonDropped = counter(
  "gc_epmd_daemon_dropped_total",
  "Connections that the daemon closed without an answer, by reason: malformed, idle, full"
)
