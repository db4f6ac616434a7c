import ipaddr from 'ipaddr.js'

// Which addresses are everybody's, and which are this machine's, its network's, or set apart for something.

/** Hosts and networks that are not public, and may be asked all the same. */
export interface Permitted {
  hosts: ReadonlySet<string>
  networks: readonly [ipaddr.IPv4 | ipaddr.IPv6, number][]
}

/** `calendar.hospital.example, 10.2.0.0/16`. Throws where a network is none. */
export function permittedBy(csv: string): Permitted {
  const entries = csv
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean)
  return {
    hosts: new Set(entries.filter((one) => !one.includes('/')).map((one) => one.toLowerCase())),
    networks: entries.filter((one) => one.includes('/')).map((one) => ipaddr.parseCIDR(one)),
  }
}

/** Whether a host, or an address of it, is one of those. */
export function isPermitted(host: string, address: string, { hosts, networks }: Permitted): boolean {
  if (hosts.has(host.toLowerCase())) return true
  if (!ipaddr.isValid(address)) return false
  const ip = ipaddr.process(address)
  return networks.some(([network, bits]) => ip.kind() === network.kind() && ip.match(network, bits))
}

/** Whether an address may be connected to. ::ffff:10.0.0.1 is 10.0.0.1; what else wraps an address (::10.0.0.1, NAT64, 6to4) is not public. */
export const mayReach = (host: string, address: string, permitted: Permitted): boolean =>
  isPermitted(host, address, permitted) || (ipaddr.isValid(address) && isPublic(ipaddr.process(address)))

/** RFC 4291 §2.5.5.1: an address of IPv4 in the last 32 bits. */
const COMPATIBLE = ipaddr.IPv6.parseCIDR('::/96')

const isPublic = (ip: ipaddr.IPv4 | ipaddr.IPv6): boolean =>
  ip.range() === 'unicast' && !(ip.kind() === 'ipv6' && ip.match(COMPATIBLE))
