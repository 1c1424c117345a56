/** Which allowances a request uses: one for each of the vendor's limits, named by who shares it. Pure. */
import { createHash } from 'node:crypto'
import type { Limit, Vendor } from '../../vendors/vendor.ts'
import type { Lane } from '../lane.ts'
import type { Rule } from './allowance.ts'

/** One limit and the row that counts it. */
export type Allowance = { key: string; scope: Limit['scope']; rule: Rule }

/** What a lane asks with: the parsed settings, and the values of those that are secret. */
export type Asking = { vendor: Vendor<unknown>; settings: unknown; secrets: readonly string[] }

/**
 * @param address the name of the address from which this node sends
 * @returns the allowances in the vendor's order, no key twice
 */
export function allowancesOf(
  lane: Lane,
  { vendor, settings, secrets }: Asking,
  address: string,
): Allowance[] {
  const credentials = secrets.length > 0 ? digest(secrets) : `shop-${lane.shopId}`
  const seen = new Map<string, number>()
  return vendor.limits(settings).limits.map(({ scope, requests, windowSeconds, assumed = false }) => {
    const number = (seen.get(scope) ?? 0) + 1
    seen.set(scope, number)
    const whose = { key: credentials, 'key+address': `${credentials}:${address}`, address }[scope]
    return {
      key: `${vendor.id}:${scope}${number > 1 ? `-${number}` : ''}:${whose}`,
      scope,
      rule: { requests, windowMs: windowSeconds * 1000, assumed },
    }
  })
}

/** Which shops have the same credentials can be told by this, and nothing else. */
function digest(secrets: readonly string[]): string {
  return createHash('sha256')
    .update(JSON.stringify([...secrets].sort()))
    .digest('hex')
    .slice(0, 32)
}

/** The limit that an announcement is about: the one it names, else the one that allows the least. */
export function concerned(
  allowances: readonly Allowance[],
  scope: Limit['scope'] | undefined,
): Allowance | undefined {
  const named = allowances.filter(each => each.scope === scope)
  const among = named.length > 0 ? named : allowances
  const pace = ({ rule }: Allowance) => rule.requests / rule.windowMs
  return among.reduce<Allowance | undefined>(
    (least, each) => (least && pace(least) <= pace(each) ? least : each),
    undefined,
  )
}
