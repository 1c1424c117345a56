/** What is asked of the audit, as the address of its page writes it. */
import { z } from 'zod'
import type { AuditAction, AuditFilter, AuditPlace } from '../../../runtime/support-audit.ts'
import { text } from '../../text.server.ts'

const DAY_MS = 24 * 3600_000
/** As long as a reason may be. */
const LONGEST = 500
const typed = text.trim().min(1).max(LONGEST).optional().catch(undefined)
const day = z.iso.date().optional().catch(undefined)
const id = z
  .string()
  .regex(/^\d{1,18}$/)
  .optional()
  .catch(undefined)
const schema = z.object({
  ...{ actor: typed, action: typed, shop: typed, vendor: typed, reason: typed },
  ...{ since: day, until: day, before: id, after: id },
  fleet: z.string().trim().toLowerCase().pipe(z.uuid()).optional().catch(undefined),
  /** Also each shop of a fleet action. */
  each: z.literal('1').optional().catch(undefined),
})

/** As it is written in the address. Days are whole days in UTC. */
export type AuditTexts = Omit<z.infer<typeof schema>, 'before' | 'after'>
/** `wrong`: what was given and cannot be read. Without it more would be found than was asked for: nothing is to be looked for then. */
export type AskedAudit = {
  texts: AuditTexts
  filter: AuditFilter
  place: AuditPlace | null
  wrong: Checked[]
}

const CHECKED = ['actor', 'action', 'shop', 'vendor', 'since', 'until', 'reason', 'fleet'] as const
export type Checked = (typeof CHECKED)[number]

/** What cannot be read stays in the texts, as it was given. @param actions those there are */
export function askedOf(search: URLSearchParams, actions: readonly AuditAction[]): AskedAudit {
  const given = Object.fromEntries(search)
  const { before, after, ...texts } = schema.parse(given)
  const { actor, shop, vendor, since, until, reason, fleet, each } = texts
  const action = actions.find(each => each === texts.action)
  const read = { actor, action, shop, vendor, since, until, reason, fleet }
  const wrong = CHECKED.filter(name => given[name]?.trim() && read[name] === undefined)
  return {
    wrong,
    texts: { ...texts, ...Object.fromEntries(wrong.map(name => [name, given[name]?.slice(0, LONGEST)])) },
    filter: {
      ...{ actor, vendor, reason, fleet, shop: shop && domainOf(shop) },
      eachShop: each && true,
      actions: action && [action],
      since: since === undefined ? undefined : new Date(since),
      until: until === undefined ? undefined : new Date(Date.parse(until) + DAY_MS),
    },
    place: before !== undefined ? { before } : after !== undefined ? { after } : null,
  }
}

/** "name" is short for "name.myshopify.com". */
function domainOf(shop: string): string {
  const domain = shop.toLowerCase()
  return domain.includes('.') ? domain : `${domain}.myshopify.com`
}
