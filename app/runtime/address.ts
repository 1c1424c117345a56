/**
 * The address that a batch came from, for counting. Whoever sends a request can write into its X-Forwarded-For whatever they
 * like: only entries that somebody trusted has added say anything.
 */
import { isIP } from 'node:net'

/** Groups of an IPv6 address that name a network of 64 bits, in which one subscriber has every address. */
const NETWORK_GROUPS = 4

/**
 * Of a request through Shopify's app proxy: the first entry. Shopify sets the header to the client's address
 * (https://shopify.dev/docs/apps/build/online-store/app-proxies/authenticate-app-proxies); what stands behind it are the
 * proxies on the way here.
 * @returns null when there is none: then it is not counted, for the socket is Shopify's and shared by all shops
 */
export function proxiedAddress(forwardedFor: string | null): string | null {
  return counted(forwardedFor?.split(',')[0])
}

/**
 * Of a request that a browser sends here itself: the socket's, or what the outermost of our own proxies has seen. Each of
 * them adds one entry at the end, so with n of them the n-th from the end is the browser's, and everything before it is only said.
 * @param remote the socket's
 */
export function directAddress(
  remote: string | undefined,
  forwardedFor: string | null,
  trustedProxies: number,
): string | null {
  if (trustedProxies === 0) return counted(remote)
  const entries = forwardedFor?.split(',') ?? []
  // Fewer than there should be: whoever sent it came by another way, and the socket's is all that is known.
  return counted(entries.at(-trustedProxies) ?? remote)
}

function counted(entry: string | undefined): string | null {
  const address = entry?.trim().replace(/^::ffff:(?=\d+\.)/i, '') ?? ''
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
