/**
 * Recognising: when something was accepted by which a visitor may be known now, what waits for that visitor becomes due, a
 * moment after the commit and without delaying anybody's answer. When they have withdrawn their consent, it ends. What is
 * lost here (a process that dies) is made up by the chore (app/delivery/waited.ts), which looks at who was linked, and which
 * customers became known, of late, and by the drain, which sends nothing that was refused.
 */
import type { Pool } from 'pg'
import type { Acceptance, Accepted } from '../delivery/accept.ts'
import { settleVisitors } from '../delivery/known.ts'
import type { Lane } from '../delivery/lane.ts'
import { endWithdrawn } from '../delivery/withdrawn.ts'
import { refusalsIn, type ShopRefusal } from '../identity/refusals.ts'
import type { Log } from '../log.ts'
import type { Sealer } from '../secrets/seal.ts'
import type { Effect } from '../shopify/effects.ts'
import type { Vendor } from '../vendors/vendor.ts'

type Accept = (acceptance: Acceptance<Effect>) => Promise<Accepted>

export type Recognition = {
  /** The same, listened to. */
  after(accept: Accept): Accept
  /** Something was learned of a customer other than by an acceptance. */
  learned(shopId: number, customerId: string): void
  /** Waits until all that was heard has been looked at. */
  flush(): Promise<void>
}

/** Of whom something was heard in a shop. */
type Concerned = {
  visitors: ReadonlySet<string>
  customers: ReadonlySet<string>
  /** Of each visitor or cart one: what they have refused is kept already. */
  refusals: ReadonlyMap<string, ShopRefusal>
}

const NOBODY: Concerned = { visitors: new Set(), customers: new Set(), refusals: new Map() }

type Context = {
  pool: Pool
  sealer: Sealer
  log: Log
  vendors: readonly Vendor<unknown>[]
  signal(lanes: readonly Lane[]): void
}

export function createRecognition({ pool, sealer, log, vendors, signal }: Context): Recognition {
  let waiting = new Map<number, Concerned>()
  let looking: Promise<void> | null = null

  async function look(): Promise<void> {
    while (waiting.size > 0) {
      const now = waiting
      waiting = new Map()
      for (const [shopId, heard] of now) {
        try {
          await endWithdrawn(pool, vendors, [...heard.refusals.values()])
          signal(await settleVisitors(pool, sealer, shopId, await waitedFor(pool, shopId, heard)))
        } catch (err) {
          log.warn({ err, shopId }, 'what waits for a visitor was not looked at; the chore does it')
        }
      }
    }
    looking = null
  }

  function hear(shopId: number, { visitors, customers, refusals }: Concerned): void {
    if (visitors.size + customers.size + refusals.size === 0) return
    const before = waiting.get(shopId) ?? NOBODY
    waiting.set(shopId, {
      visitors: new Set([...before.visitors, ...visitors]),
      customers: new Set([...before.customers, ...customers]),
      refusals: new Map([...before.refusals, ...refusals]),
    })
    looking ??= look()
  }

  return {
    after: accept => async acceptance => {
      const accepted = await accept(acceptance)
      if (accepted.kind === 'accepted')
        hear(accepted.shopId, {
          visitors: new Set(accepted.visitors),
          customers: customersIn(acceptance),
          refusals: refusedIn(accepted.shopId, acceptance),
        })
      return accepted
    },
    learned: (shopId, customerId) => hear(shopId, { ...NOBODY, customers: new Set([customerId]) }),
    async flush() {
      await looking
    },
  }
}

/** Customers of whom it tells an address, or that they are somebody else. */
function customersIn({ changes = [] }: Acceptance<Effect>): Set<string> {
  const customers = changes.flatMap(change => {
    if (change.kind === 'customer_seen' && change.email !== null) return change.customerId
    return change.kind === 'customers_merged' ? change.keptId : []
  })
  return new Set(customers)
}

/** What a visitor, or whoever has a cart or checkout, has refused by it. */
function refusedIn(
  shopId: number,
  { events, refusals = [] }: Acceptance<Effect>,
): ReadonlyMap<string, ShopRefusal> {
  const refused = [
    ...refusalsIn(events.map(event => ({ shopId, event }))),
    ...refusals.map(refusal => ({ shopId, ...refusal })),
  ]
  return new Map(refused.map(one => [one.visitorId ?? one.subjects.join(' '), one]))
}

/** Of the visitors that these lead to, those for whom anything waits. */
async function waitedFor(pool: Pool, shopId: number, { visitors, customers }: Concerned): Promise<string[]> {
  if (visitors.size + customers.size === 0) return []
  const found = await pool.query<{ visitor: string }>({
    name: 'waited-for',
    text: `select visitor from (
       select unnest($2::text[]) as visitor
       union
       select visitor_id from visitor_links where shop_id = $1 and customer_id = any($3)
       union
       select l.visitor_id from customers c join visitor_links l on l.shop_id = $1 and l.customer_id = c.customer_id
       where c.shop_id = $1 and c.merged_into = any($3)) named
     where exists (
       select from deliveries d where d.shop_id = $1 and d.visitor_id = named.visitor and d.state = 'waiting')`,
    values: [shopId, [...visitors], [...customers]],
  })
  return found.rows.map(row => row.visitor)
}
