/**
 * What a vendor ends up with of an order, whatever the order, the repetition and the fate of its webhooks: accepted and
 * drained for real, against a vendor that keeps the last state it was given.
 */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { emptyTables, type TestDatabase, testDatabase } from '../db/testing.ts'
import type { NewStoreEvent } from '../events/store-event.ts'
import { answer, orderEvent } from '../vendors/testing.ts'
import type { VendorRequest } from '../vendors/vendor.ts'
import { accept } from './accept.ts'
import { saveConnection } from './connections.ts'
import { drainLane } from './drain.ts'
import { drainContext, newShop, OPEN_GATE, sealer, TINY_SETTINGS, tinyVendor } from './testing.ts'

const STATES = 4
const DOMAIN = 'one.myshopify.com'
const row = { becomes: 'order', byDefault: true, purposes: [] } as const
const vendor = tinyVendor({
  rows: { order_created: row, order_updated: row },
  read: (_step, { status }) =>
    status === 200 ? { kind: 'delivered' } : { kind: 'retry', merchant: 'Later.', log: String(status) },
})

/** The nth state of the order; the first is its creation. */
function state(n: number): NewStoreEvent {
  const { id: _id, receivedAt: _at, ...event } = orderEvent(n === 0 ? 'order_created' : 'order_updated')
  const version = new Date(Date.UTC(2026, 10, 20, 12, 0, n)).toISOString()
  return { ...event, dedupeKey: `order:${n}`, subject: 'order:1', version, occurredAt: version }
}

/** What happens at the vendor: it takes the request, fails before or after it has, or the answer is lost. */
type Fate = 'taken' | 'failed' | 'taken, but failed' | 'taken, answer lost'
type Step = { webhooks: number[]; fates: Fate[]; later: boolean }

const fate: fc.Arbitrary<Fate> = fc.oneof(
  { arbitrary: fc.constant('taken' as const), weight: 3 },
  {
    arbitrary: fc.constantFrom(
      'failed' as const,
      'taken, but failed' as const,
      'taken, answer lost' as const,
    ),
    weight: 2,
  },
)
/** Every webhook at least once, and some again, in any order, with drains in between. */
const stories: fc.Arbitrary<Step[]> = fc
  .array(fc.nat(STATES - 1), { maxLength: 4 })
  .chain(again => {
    const all = [...Array.from({ length: STATES }, (_, n) => n), ...again]
    return fc.shuffledSubarray(
      all.map((n, i) => ({ n, i })),
      { minLength: all.length, maxLength: all.length },
    )
  })
  .chain(list => {
    const one = fc.record({
      size: fc.integer({ min: 1, max: 3 }),
      fates: fc.array(fate, { maxLength: 3 }),
      later: fc.boolean(),
    })
    return fc.array(one, { minLength: list.length, maxLength: list.length }).map(cuts => {
      const left = list.map(({ n }) => n)
      return cuts.flatMap(({ size, ...rest }) => {
        const webhooks = left.splice(0, size)
        return webhooks.length > 0 ? { webhooks, ...rest } : []
      })
    })
  })

let test: TestDatabase
const pool = () => test.database.pool
beforeAll(async () => {
  test = await testDatabase()
})
afterAll(() => test.drop())

async function play(steps: readonly Step[]): Promise<{ kept: string[]; open: number }> {
  await emptyTables(pool())
  const shopId = await newShop(pool(), 'one')
  await saveConnection(pool(), sealer, shopId, vendor, TINY_SETTINGS)
  /** The versions that the vendor took, in order. */
  const kept: string[] = []
  let fates: Fate[] = []
  const sender = {
    close: async () => {},
    async send({ body }: VendorRequest) {
      const becomes = fates.shift() ?? 'taken'
      if (becomes !== 'failed') kept.push((body as { at: string }).at)
      if (becomes === 'taken, answer lost') return { failure: 'ECONNRESET' }
      return { answer: answer(becomes === 'taken' ? 200 : 503) }
    },
  }
  const context = drainContext(pool(), [vendor], { sender, gate: OPEN_GATE })
  const drain = () => drainLane(context, { shopId, vendor: 'tiny' }, new AbortController().signal)
  const timePasses = () => pool().query(`update deliveries set due_at = now() where state = 'retry'`)
  for (const step of steps) {
    for (const n of step.webhooks) {
      const given = { shopDomain: DOMAIN, receivedAt: new Date(), receipt: null, events: [state(n)] }
      await accept({ pool: pool(), sealer, open: context.open }, given)
    }
    fates = [...step.fates]
    if (step.later) await timePasses()
    await drain()
  }
  fates = []
  const open = async () =>
    (await pool().query(`select count(*)::int as n from deliveries where state in ('pending', 'retry')`))
      .rows[0].n
  for (let tries = 0; (await open()) > 0 && tries < 5; tries++) {
    await timePasses()
    await drain()
  }
  return { kept, open: await open() }
}

describe('the states of an order', () => {
  it('end in the newest at the vendor and never go back, whatever happens to them', async () => {
    await fc.assert(
      fc.asyncProperty(stories, async steps => {
        const { kept, open } = await play(steps)
        expect(open).toBe(0)
        expect(kept.at(-1)).toBe(state(STATES - 1).version)
        expect(kept).toEqual(kept.toSorted())
      }),
      { numRuns: 30 },
    )
  }, 120_000)

  it('are each delivered where they come in order, one at a time', async () => {
    const steps = Array.from({ length: STATES }, (_, n) => ({ webhooks: [n, n], fates: [], later: false }))
    expect((await play(steps)).kept).toEqual(Array.from({ length: STATES }, (_, n) => state(n).version))
  })

  it('that come all at once are one request', async () => {
    const { kept } = await play([{ webhooks: [2, 0, 3, 1], fates: [], later: false }])
    expect(kept).toEqual([state(3).version])
  })
})
