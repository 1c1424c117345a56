/**
 * The address that a batch came from, for counting. Whoever sends a request can write into its X-Forwarded-For whatever they
 * like: only entries that somebody trusted has added say anything.
 */
import { BlockList, isIP } from 'node:net'

/** Groups of an IPv6 address that name a network of 64 bits, in which one subscriber has every address. */
const NETWORK_GROUPS = 4
/** Of an IPv4 address as a socket for both kinds writes it. */
const MAPPED = /^::ffff:(?=\d+\.)/i

/** From here no browser of a visitor comes by itself: what connects from there is a proxy. */
const OWN_NETWORKS = new BlockList()
for (const [network, bits] of [
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
  ['100.64.0.0', 10],
] as const)
  OWN_NETWORKS.addSubnet(network, bits, 'ipv4')
for (const [network, bits] of [
  ['::1', 128],
  ['fc00::', 7],
  ['fe80::', 10],
] as const)
  OWN_NETWORKS.addSubnet(network, bits, 'ipv6')

/**
 * Of a request through Shopify's app proxy: what Shopify wrote. Shopify documents that it adds the header with the client's
 * address (https://shopify.dev/docs/apps/build/online-store/app-proxies/authenticate-app-proxies), and not what becomes of a
 * header that the client sent. So only a header of that one entry, and of those that our own proxies add behind it, is
 * believed: in a longer one the client or somebody else has written too, and which entry is whose cannot be known.
 * @returns null when there is none: then it is not counted, for the socket is Shopify's and shared by all shops
 */
export function proxiedAddress(forwardedFor: string | null, trustedProxies: number): string | null {
  const entries = forwardedFor?.split(',') ?? []
  return entries.length === trustedProxies + 1 ? counted(entries[0]) : null
}

/**
 * Of a request that a browser sends here itself: the socket's, or what the outermost of our own proxies has seen. Each of
 * them adds one entry at the end, so with n of them the n-th from the end is the browser's, and everything before it is only said.
 * @param remote the socket's
 * @returns null when it cannot be known: there is a proxy that nobody told of, whose address all visitors of all shops share
 */
export function directAddress(
  remote: string | undefined,
  forwardedFor: string | null,
  trustedProxies: number,
): string | null {
  if (trustedProxies === 0) return forwardedFor === null && !isOwn(remote) ? counted(remote) : null
  const entries = forwardedFor?.split(',') ?? []
  // Fewer than there should be: whoever sent it came by another way, and the socket's is all that is known.
  return counted(entries.at(-trustedProxies) ?? remote)
}

/**
 * Of a browser of support: whole, as it is written into the audit, and also where it is in a network of our own. What guards
 * signing in counts by it, so whatever a header says there is one: without a trusted proxy, or where its entry is no address, the
 * socket's.
 * @returns null when the socket's is not known either
 */
export function writtenAddress(
  remote: string | null,
  forwardedFor: string | null,
  trustedProxies: number,
): string | null {
  const said = trustedProxies === 0 ? null : (forwardedFor?.split(',').at(-trustedProxies) ?? null)
  return plain(said) ?? plain(remote)
}

/** What of a written address is counted: an IPv6 address's network. */
export const networkOfAddress = (address: string | null): string | null => counted(address ?? undefined)

function plain(entry: string | null): string | null {
  const address = entry?.trim().replace(MAPPED, '') ?? ''
  return isIP(address) ? address : null
}

function isOwn(remote = ''): boolean {
  const address = remote.replace(MAPPED, '')
  return OWN_NETWORKS.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6')
}

function counted(entry: string | undefined): string | null {
  const address = entry?.trim().replace(MAPPED, '') ?? ''
  if (isIP(address) === 4) return address
  return isIP(address) === 6 ? networkOf(address) : null
}

/** An IPv6 address's first 64 bits, written in one way. */
function networkOf(address: string): string {
  // The URL parser writes it in its shortest form: https://url.spec.whatwg.org/#concept-ipv6-serializer
  const shortest = URL.parse(`http://[${address.split('%')[0]}]`)?.hostname.slice(1, -1) ?? ''
  const [head = '', tail] = shortest.split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail ? tail.split(':') : []
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0')
  return [...before, ...zeros, ...after].slice(0, NETWORK_GROUPS).join(':')
}
