/** The family of an address without zone; `node:net` is not this package's to import. @internal */
export const isIP = (text: string): "IPv4" | "IPv6" | undefined => {
  if (quad(text) !== undefined) return "IPv4"
  if (!/^[0-9a-fA-F:.]{2,45}$/.test(text) || !text.includes(":")) return undefined
  return URL.canParse(`http://[${text}]/`) ? "IPv6" : undefined
}

const quad = (text: string): number | undefined => {
  const parts = text.split(".")
  if (parts.length !== 4) return undefined
  let value = 0
  for (const part of parts) {
    if (!/^(0|[1-9][0-9]{0,2})$/.test(part) || Number(part) > 255) return undefined
    value = value * 256 + Number(part)
  }
  return value
}

/** Whether an address is a group: 224.0.0.0/4 or ff00::/8. @internal */
export const isMulticast = (address: string): boolean => {
  const value = quad(address)
  return value === undefined ? /^ff/i.test(address) : value >= 0xe000_0000 && value < 0xf000_0000
}

/** The broadcast address of an IPv4 interface. @internal */
export const broadcastOf = (address: string, netmask: string): string => {
  const value = ((quad(address) ?? 0) | ~(quad(netmask) ?? -1)) >>> 0
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join(".")
}
