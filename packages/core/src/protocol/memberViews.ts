import type { MemberView } from "./node.ts"
import type { MemberRecord, NodeState } from "./state.ts"

/** The member as events and snapshots show it: doubt that was not said yet does not show. */
export const viewOf = (member: MemberRecord): MemberView => ({
  name: member.name,
  instance: member.instance,
  generation: member.generation,
  addresses: member.addresses,
  metadata: member.metadata,
  appVersion: member.appVersion,
  state: member.state === "suspect" && !member.doubted ? "alive" : member.state
})

/** This node as a member. */
export const viewOfSelf = (state: NodeState): MemberView => ({
  name: state.self.name,
  instance: state.self.instance,
  generation: state.self.generation,
  addresses: state.self.addresses,
  metadata: state.metadata,
  appVersion: state.self.appVersion,
  state: "alive"
})
