import { v7 as uuidv7 } from 'uuid'
import { beforeEach, describe, expect, it } from 'vitest'
import { saveConnection } from '../delivery/connections.ts'
import { replay } from '../delivery/replay.ts'
import { keepDelivery, keepEvent, sealer, TINY_SETTINGS, tinyVendor } from '../delivery/testing.ts'
import { twoShops } from '../delivery/testing-shops.ts'
import { NOBODY, type StoreEvent } from '../events/store-event.ts'
import { markContext } from '../identity/learn-links.ts'
import { SKIP_REASONS } from '../vendors/reasons.ts'
import { order, storeEvent } from '../vendors/testing.ts'
import { activityPage, newsSince } from './activity.ts'
import { type ActivityFilter, lookStatement, MOST_LOOKED_AT, SUBJECTS_OF_NAMES } from './activity-scan.ts'
import { OUTCOMES_OF_REPLAYS, outcomesOfReplay } from './replays.ts'

const shops = twoShops()
const { pool } = shops
const REPLAY = '019a0000-0000-7000-8000-000000000001'
let shopId: number
let otherId: number

beforeEach(async () => {
  shopId = shops.one
  otherId = shops.two
  for (const id of ['tiny', 'idle'])
    await saveConnection(pool(), sealer, shopId, tinyVendor({ id }), TINY_SETTINGS)
})

/** Ids of one millisecond after the other. */
let clock = Date.parse('2026-11-20T10:00:00.000Z')
function nextId(): string {
  clock += 1000
  return uuidv7({ msecs: clock })
}
const ids = async (filter: Partial<ActivityFilter> = {}, place: Parameters<typeof activityPage>[2] = null) =>
  (await activityPage(pool(), { shopId, ...filter }, place)).lines.map(({ id }) => id)
const keep = (delivery: Parameters<typeof keepDelivery>[2] = {}, over: Partial<StoreEvent> = {}) =>
  keepDelivery(pool(), shopId, delivery, { id: nextId(), ...over })
/** Events without deliveries, one second after the other. @returns the ids, oldest first */
async function keepSearches(count: number, shop = shopId): Promise<string[]> {
  const made = Array.from({ length: count }, nextId)
  await pool().query(
    `insert into events (shop_id, id, type, source, dedupe_key, occurred_at, received_at, consent, data)
     select $1, id, 'search_submitted', 'storefront', id::text, now(), now(), '{}', '{"query": "lantern"}'
     from unnest($2::uuid[]) id`,
    [shop, made],
  )
  return made
}
async function keepOrder(id: string, name: string, email: string | null = null): Promise<string> {
  const event = storeEvent('order_created', { orderId: id, order: order({ name }), refund: null })
  const own = { id: nextId(), subject: `order:${id}`, dedupeKey: nextId(), actor: { ...NOBODY, email } }
  await keepEvent(pool(), shopId, { ...event, ...own } as StoreEvent)
  return own.id
}

describe('pages', () => {
  it('are walked to the oldest event and back, each event once', async () => {
    const made = (await keepSearches(120)).toReversed()
    const first = await activityPage(pool(), { shopId }, null)
    expect(first.newer).toBeNull()
    const second = await activityPage(pool(), { shopId }, first.older)
    const third = await activityPage(pool(), { shopId }, second.older)
    expect(third.older).toBeNull()
    expect([first, second, third].flatMap(({ lines }) => lines.map(({ id }) => id))).toEqual(made)
    const back = await activityPage(pool(), { shopId }, third.newer)
    expect(back.lines).toEqual(second.lines)
    const start = await activityPage(pool(), { shopId }, back.newer)
    expect(start).toEqual(first)
  })

  it('of a shop hold nothing of another', async () => {
    await keepSearches(3, otherId)
    expect(await ids()).toEqual([])
  })

  it('say how far back was looked where little matches, and go on from there', async () => {
    const rare = await keep({ state: 'delivered' })
    const [oldest] = await keepSearches(MOST_LOOKED_AT + 10)
    const filter = { shopId, outcome: 'delivered' as const }
    const first = await activityPage(pool(), filter, null)
    expect(first.lines).toEqual([])
    expect(first.lookedBackTo?.getTime()).toBeGreaterThan(
      Number.parseInt((oldest ?? '').replace('-', '').slice(0, 12), 16),
    )
    const second = await activityPage(pool(), filter, first.older)
    expect(second).toMatchObject({ lines: [{ id: rare }], older: null, lookedBackTo: null })
  })
})

describe('what has come since', () => {
  const news = (filter: Partial<ActivityFilter>, id: string) => newsSince(pool(), { shopId, ...filter }, id)

  it('is told of what the filter finds, and of no other shop', async () => {
    const [first = ''] = await keepSearches(1)
    await keepSearches(3, otherId)
    expect(await news({}, first)).toEqual({ isThere: false, upTo: first })
    const failed = await keep({ state: 'dead' })
    expect(await news({}, first)).toMatchObject({ isThere: true })
    expect(await news({ outcome: 'failed' }, first)).toMatchObject({ isThere: true })
    expect(await news({ outcome: 'failed' }, failed)).toEqual({ isThere: false, upTo: failed })
    expect(await news({ outcome: 'held' }, first)).toMatchObject({ isThere: false })
  })

  it('is looked for once each time, and the next look goes on where that ended', async () => {
    const [first = ''] = await keepSearches(1)
    const others = await keepSearches(510)
    await keep({ state: 'delivered' })
    const filter = { outcome: 'delivered' } as const
    const upTo = others[499] ?? ''
    expect(await news(filter, first)).toEqual({ isThere: false, upTo })
    expect(await news(filter, upTo)).toMatchObject({ isThere: true })
  })
})

describe('a filter', () => {
  it.each([
    ['delivered', ['delivered']],
    ['skipped', ['skipped']],
    ['waiting', ['pending', 'retry', 'waiting']],
    ['to_send', ['pending', 'retry']],
    ['for_visitor', ['waiting']],
    ['held', ['held']],
    ['failed', ['dead']],
  ] as const)('by the outcome %s finds these states, at any vendor', async (outcome, states) => {
    for (const state of ['delivered', 'skipped', 'pending', 'retry', 'waiting', 'held', 'dead'] as const)
      await keep({ state, vendor: 'idle', reason: state === 'skipped' ? 'no_email' : null })
    const { lines } = await activityPage(pool(), { shopId, outcome }, null)
    const shown = outcome === 'to_send' || outcome === 'for_visitor' ? 'waiting' : outcome
    expect(lines.map(line => line.deliveries.map(each => each.outcome))).toEqual(states.map(() => [shown]))
    const forVisitor = lines.filter(line => line.deliveries.some(each => each.forVisitor))
    expect(forVisitor).toHaveLength(states.filter(state => state === 'waiting').length)
    expect(await ids({ outcome, vendor: 'tiny' })).toEqual([])
    expect(await ids({ outcome, vendor: 'idle' })).toHaveLength(states.length)
  })

  it('by the outcome delivered finds what had arrived and is being sent again as well', async () => {
    const had = await keep({ state: 'delivered' })
    const first = await keep({ state: 'skipped', reason: 'no_email' })
    await replay(pool(), { shopId, states: ['delivered', 'skipped'] })
    expect(await ids({ outcome: 'delivered' })).toEqual([had])
    expect(await ids({ outcome: 'waiting' })).toEqual([first, had])
    await pool().query(`update deliveries set state = 'dead', reason = 'rejected'`)
    expect(await ids({ outcome: 'delivered' })).toEqual([])
    expect(await ids({ outcome: 'failed' })).toEqual([first, had])
  })

  it('by the outcome none finds what no delivery was made of, at one vendor or at any', async () => {
    const elsewhere = await keep({ state: 'delivered', vendor: 'idle' })
    const [nowhere] = await keepSearches(1)
    expect(await ids({ outcome: 'none', vendor: 'tiny' })).toEqual([nowhere, elsewhere])
    expect(await ids({ outcome: 'none', vendor: 'idle' })).toEqual([nowhere])
    expect(await ids({ outcome: 'none' })).toEqual([nowhere])
  })

  it('by reason finds what was skipped for it', async () => {
    const found = await keep({ state: 'skipped', reason: 'no_email' })
    await keep({ state: 'skipped', reason: 'no_consent' })
    expect(await ids({ outcome: 'skipped', reason: 'no_email' })).toEqual([found])
  })

  it('by a replay finds what it sent again, whatever became of that, and nothing else of the same events', async () => {
    const [first, second] = [await keep({ state: 'dead' }), await keep({ state: 'dead' })]
    await keep({ state: 'dead', vendor: 'idle' })
    await keepDelivery(pool(), shopId, { state: 'delivered', vendor: 'idle' }, { id: first })
    const { id: replayId } = await replay(pool(), { shopId, vendor: 'tiny', states: ['dead'] })
    expect(await ids({ replayId })).toEqual([second, first])
    await pool().query(`update deliveries set state = 'delivered' where event_id = $1`, [second])
    expect(await ids({ replayId })).toEqual([second, first])
    expect(await ids({ replayId, outcome: 'delivered' })).toEqual([second])
    expect(await ids({ replayId, vendor: 'idle' })).toEqual([])
    expect(await ids({ replayId, shopId: otherId })).toEqual([])
    expect(await outcomesOfReplay(pool(), shopId, replayId)).toEqual({
      ...{ delivered: 1, waiting: 1, failed: 0, held: 0, skipped: 0, forVisitor: 0 },
    })
  })

  it('by a replay finds every event, also where several tools were sent each', async () => {
    const made = (await keepSearches(600)).toReversed()
    for (const vendor of ['tiny', 'idle'])
      await pool().query(
        `insert into deliveries (shop_id, event_id, vendor, state, replay_id, due_at, created_at, updated_at)
         select $1, id, $2, 'delivered', $3, now(), now(), now() from unnest($4::uuid[]) id`,
        [shopId, vendor, REPLAY, made],
      )
    const found: string[] = []
    for (let page: Awaited<ReturnType<typeof activityPage>> | null = null; page === null || page.older; ) {
      page = await activityPage(pool(), { shopId, replayId: REPLAY }, page?.older ?? null)
      found.push(...page.lines.map(({ id }) => id))
    }
    expect(found).toEqual(made)
  })

  it('by vendor and outcome asks both of the same delivery', async () => {
    const id = await keep({ state: 'delivered', vendor: 'tiny' })
    await keepDelivery(pool(), shopId, { state: 'dead', vendor: 'idle' }, { id })
    expect(await ids({ vendor: 'tiny', outcome: 'failed' })).toEqual([])
    expect(await ids({ vendor: 'idle', outcome: 'failed' })).toEqual([id])
  })

  it('by type and time finds what was received from the one and before the other', async () => {
    const made = await keepSearches(3)
    const [, middle = ''] = made
    const at = new Date(Number.parseInt(middle.replaceAll('-', '').slice(0, 12), 16))
    expect(await ids({ type: 'search_submitted', since: at })).toEqual(made.slice(1).toReversed())
    expect(await ids({ since: at, until: new Date(at.getTime() + 1) })).toEqual([middle])
    expect(await ids({ type: 'order_created' })).toEqual([])
  })

  it('by order number finds its events, by name with and without "#" and by id', async () => {
    const found = await keepOrder('900719925474099312', '#1001')
    await keepOrder('5', '#1002')
    const refund = storeEvent('order_refunded', { orderId: '900719925474099312', order: null, refund: null })
    const own = { id: nextId(), subject: 'order:900719925474099312', dedupeKey: 'r1' }
    await keepEvent(pool(), shopId, { ...refund, ...own } as StoreEvent)
    for (const asked of ['1001', '#1001', '900719925474099312'])
      expect(await ids({ order: asked })).toEqual([own.id, found])
    expect(await ids({ order: '100' })).toEqual([])
    expect(await ids({ shopId: otherId, order: '1001' })).toEqual([])
  })

  it('by order number finds an order that its shop calls so without "#", or in capitals or not', async () => {
    const bare = await keepOrder('5', '3003')
    const capital = await keepOrder('6', 'CZ-1001')
    const small = await keepOrder('7', '#x-7')
    for (const asked of ['3003', '#3003', '#5']) expect(await ids({ order: asked })).toEqual([bare])
    for (const asked of ['CZ-1001', 'cz-1001', '#cz-1001'])
      expect(await ids({ order: asked })).toEqual([capital])
    expect(await ids({ order: 'X-7' })).toEqual([small])
  })

  it('by e-mail finds what bears the address and what its browser did', async () => {
    const found = await keepOrder('7', '#1', 'Jane@example.com')
    await keepOrder('8', '#2', 'joe@example.com')
    const view = await keep({ state: 'delivered' }, { actor: { ...NOBODY, visitorId: 'v1' } })
    await keep({ state: 'delivered' }, { actor: { ...NOBODY, visitorId: 'v2' } })
    const marks = sealer.marks('jane@example.com', markContext(shopId))
    await pool().query(
      `insert into visitor_links (shop_id, visitor_id, origin, email_mark, said_at, linked_at)
       values ($1, 'v1', 'order:7', $2, now(), now())`,
      [shopId, marks[0]],
    )
    expect(await ids({ marks })).toEqual([view, found])
    expect(await ids({ shopId: otherId, marks })).toEqual([])
  })
})

describe('a line', () => {
  it('tells in words of today what was kept in others', async () => {
    const message = 'A newer state of the same order or cart was sent instead.'
    await keep({ state: 'skipped', reason: 'superseded' })
    await pool().query('update deliveries set message = $1', [message])
    const { lines } = await activityPage(pool(), { shopId }, null)
    expect(lines[0]?.deliveries[0]?.message).toBe(SKIP_REASONS.superseded)
  })

  it('names the order, and no address', async () => {
    await keepOrder('7', '#1', 'jane@example.com')
    await keep({}, { data: { url: null, query: 'jane@example.com' } } as Partial<StoreEvent>)
    const { lines } = await activityPage(pool(), { shopId }, null)
    expect(lines.map(({ about }) => about)).toEqual(['j…@example.com', '#1'])
  })
})

it('when an order was placed is asked for apart from when it was received', async () => {
  const placed = async (receivedAt: string, occurredAt: string) => {
    const id = uuidv7({ msecs: Date.parse(receivedAt) })
    const event = storeEvent('order_created', { orderId: id, order: order(), refund: null })
    const times = { receivedAt, occurredAt, dedupeKey: id }
    await keepEvent(pool(), shopId, { ...event, id, ...times } as StoreEvent)
    return id
  }
  const AT = new Date('2026-11-20T11:00:00.000Z')
  await placed('2026-11-20T10:59:00.000Z', '2026-11-20T10:58:59.000Z')
  const onTime = await placed('2026-11-20T11:00:01.000Z', '2026-11-20T11:00:00.000Z')
  await placed('2026-11-20T11:00:02.000Z', '2026-11-20T10:59:59.000Z')
  const later = await placed('2026-11-21T09:00:00.000Z', '2026-11-20T12:00:00.000Z')
  const asked = { type: 'order_created', placed: AT } as const
  expect(await ids(asked)).toEqual([later, onTime])
  expect(await ids({ ...asked, until: new Date('2026-11-21T00:00:00.000Z') })).toEqual([onTime])
  expect(await ids({ ...asked, since: new Date('2026-11-21T00:00:00.000Z') })).toEqual([later])
})

describe('the plan of a look', () => {
  const FIRST = '00000000-0000-0000-0000-000000000000'
  const LAST = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
  const traces = { subjects: ['order:1'], visitors: ['v1'], marks: ['m1'] }

  it.each<[string, Partial<ActivityFilter>, typeof traces | null, string[]]>([
    ['everything', {}, null, ['(id >']],
    ['a type', { type: 'order_created' }, null, ["(type = 'order_created'"]],
    [
      'orders since some were placed',
      { type: 'order_created', placed: new Date(0) },
      null,
      ["(type = 'order_created'"],
    ],
    ['a vendor', { vendor: 'tiny' }, null, ['(vendor = ']],
    ['what a vendor was given', { vendor: 'tiny', outcome: 'delivered' }, null, ['(vendor = ']],
    ['what was skipped', { outcome: 'skipped' }, null, ['(vendor = ', '(reason = ']],
    [
      'what was skipped for a reason',
      { outcome: 'skipped', reason: 'no_email' },
      null,
      ["(reason = 'no_email'"],
    ],
    ['what was sent again together', { replayId: REPLAY }, null, ['(replay_id = ', '(state = ']],
    ['what failed', { outcome: 'failed' }, null, ['(vendor = ']],
    ['what is held', { outcome: 'held' }, null, ['(vendor = ']],
    ['what waits', { outcome: 'waiting' }, null, ['(vendor = ', '(priority = ']],
    ['what is to be sent', { outcome: 'to_send' }, null, ['(vendor = ', '(priority = ']],
    ['what waits for its visitor', { outcome: 'for_visitor' }, null, ['(vendor = ']],
    ['an order or a person', {}, traces, ['(subject = ', '(visitor_id = ', '(email_mark = ']],
  ])('at %s goes by an index that has it, newest or oldest first', async (_, filter, found, conditions) => {
    for (const direction of ['older', 'newer'] as const) {
      const how = { traces: found, vendors: ['idle', 'tiny'], direction }
      const { text, values } = lookStatement({ shopId, ...filter }, how, FIRST, LAST)
      const plan = await planOf(text, values)
      expect(plan.filter(line => line.includes('Seq Scan'))).toEqual([])
      const searched = plan.filter(line => line.includes('Index Cond')).join('\n')
      for (const condition of conditions) expect(searched).toContain(condition)
    }
  })

  // With 250,000 events in a shop the join was a hash of all of them: 48 ms instead of 2, and ten times that with ten times as many.
  it('looks each candidate up, and never reads all events to join them with a few', async () => {
    const how = { traces: null, vendors: ['idle', 'tiny'], direction: 'older' as const }
    const { text, values } = lookStatement({ shopId, type: 'order_created' }, how, FIRST, LAST)
    const plan = await planOf(text, values, 'set local enable_nestloop = off')
    expect(plan.filter(line => /Hash Join|Merge Join/.test(line))).toEqual([])
  })

  it.each([
    ['left', ["(reason = 'superseded'"]],
    ['orders', ["(type = 'order_created'"]],
  ] as const)(
    'at orders that were left to newer states, by %s, goes by an index and looks each up',
    async (by, conditions) => {
      const filter = { shopId, vendor: 'tiny', newer: 'failed' }
      const { text, values } = lookStatement(
        filter,
        { traces: null, vendors: ['tiny'], direction: 'older', by },
        FIRST,
        LAST,
      )
      const plan = await planOf(text, values)
      expect(plan.filter(line => /Seq Scan|Hash Join|Merge Join|Materialize/.test(line))).toEqual([])
      for (const condition of conditions) expect(plan.join('\n')).toContain(condition)
    },
  )

  it('at what became of a replay goes by its index', async () => {
    const plan = (await planOf(OUTCOMES_OF_REPLAYS, [shopId, [REPLAY], ['dead'], 10])).join('\n')
    expect(plan).not.toContain('Seq Scan')
    expect(plan).toContain('(replay_id = ')
    expect(plan).toContain('(state = ')
  })

  it('at the name of an order goes by the index of names', async () => {
    const plan = (await planOf(SUBJECTS_OF_NAMES, [shopId, ['1', '#1']])).join('\n')
    expect(plan).not.toContain('Seq Scan')
    expect(plan).toMatch(/Index Cond: \(\(lower\(.*, 100\)\) = lower\("left"\(x\.name, 100\)\)\)/)
  })

  async function planOf(text: string, values: unknown[], besides = '') {
    const client = await pool().connect()
    try {
      // Tables of a test are too small for an index to be worth it.
      await client.query('begin; set local enable_seqscan = off; set local enable_bitmapscan = off')
      await client.query(besides)
      // Of a table without a page any index is as good as another.
      await client.query(
        `insert into events (shop_id, id, type, source, dedupe_key, occurred_at, received_at, consent, data)
         values ($1, $2::uuid, 'page_viewed', 'storefront', $2::text, now(), now(), '{}', '{}')`,
        [shopId, uuidv7()],
      )
      // Whether autovacuum has looked at them yet is not to decide, and they are to be as large as a shop's.
      await client.query(
        `update pg_class set relpages = 1, reltuples = 1000000 where relnamespace = 'public'::regnamespace and relkind in ('r', 'i');
         delete from pg_statistic where starelid in (select oid from pg_class where relnamespace = 'public'::regnamespace)`,
      )
      const { rows } = await client.query<{ 'QUERY PLAN': string }>(`explain ${text}`, values)
      return rows.map(row => row['QUERY PLAN'])
    } finally {
      await client.query('rollback')
      client.release()
    }
  }
})
