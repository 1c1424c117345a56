/**
 * Requests to an address that a merchant has given must not reach what is not public: this machine, its network, a cloud's
 * metadata. Names are judged by the addresses that they lead to, in the moment of connecting, so a name that is changed
 * after it was looked at gains nothing.
 */
import { lookup } from 'node:dns'
import { BlockList, isIP, isIPv6, type LookupFunction } from 'node:net'

/** The code of the error with which a connection ends that would not be to the public network. */
export const NOT_PUBLIC = 'NOT_PUBLIC'

/** https://www.iana.org/assignments/iana-ipv4-special-registry, multicast and what is reserved: none of it is a public server. */
const SPECIAL_IPV4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const
/** Of the addresses given out so far, 2000::/3 (https://www.iana.org/assignments/ipv6-unicast-address-assignments), what is special or carries an IPv4 address. */
const SPECIAL_IPV6 = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const

const special = new BlockList()
for (const [network, prefix] of SPECIAL_IPV4) special.addSubnet(network, prefix, 'ipv4')
for (const [network, prefix] of SPECIAL_IPV6) special.addSubnet(network, prefix, 'ipv6')
const given = new BlockList()
given.addSubnet('2000::', 3, 'ipv6')

/** @param address of IPv4 or IPv6; what is neither is not public */
export function isPublicAddress(address: string): boolean {
  if (isIPv6(address)) return given.check(address, 'ipv6') && !special.check(address, 'ipv6')
  return isIP(address) === 4 && !special.check(address, 'ipv4')
}

/** False for an address that is written as a number and is not public: for those no name is looked up. */
export function mayBePublic({ hostname }: URL): boolean {
  const host = hostname.replace(/^\[|\]$/g, '')
  return isIP(host) === 0 || isPublicAddress(host)
}

/** An error as a connection to what is not public ends with. */
export function notPublic(): NodeJS.ErrnoException {
  return Object.assign(new Error('the address is not on the public network'), { code: NOT_PUBLIC })
}

/** As `dns.lookup`, for the connections of node:net; ends with `NOT_PUBLIC` where any address of the name is not public. */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, '')
    const [first] = addresses
    if (!first || !addresses.every(({ address }) => isPublicAddress(address)))
      return callback(notPublic(), '')
    if (options.all) callback(null, addresses)
    else callback(null, first.address, first.family)
  })
}
