import type * as Address from "../Address.ts"
import type { ClusterEvent } from "../ClusterEvent.ts"
import type { Member } from "../Member.ts"
import type { NodeName } from "../NodeName.ts"
import { parseAddress } from "../protocol/addresses.ts"
import type { MemberEvent, MemberView } from "../protocol/node.ts"

/** A member as users see it. */
export const memberOf = (view: MemberView, self: string): Member => ({
  name: view.name as NodeName,
  instance: view.instance,
  generation: view.generation,
  addresses: view.addresses.flatMap((text): ReadonlyArray<Address.Address> => {
    const address = parseAddress(text)
    return address.ok ? [address.value] : []
  }),
  metadata: view.metadata,
  state: view.state === "suspect" || view.state === "unreachable" ? view.state : "alive",
  self: view.name === self,
  ...(view.appVersion !== undefined && { appVersion: view.appVersion })
})

/** An event as users see it. */
export const eventOf = (event: MemberEvent, self: string): ClusterEvent => {
  const member = memberOf(event.member, self)
  switch (event._tag) {
    case "Down":
      return { _tag: "Down", member, reason: event.reason }
    case "NameConflict":
      return { _tag: "NameConflict", member, instance: event.instance }
    default:
      return { _tag: event._tag, member }
  }
}
