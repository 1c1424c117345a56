import { describe, expect, it } from 'vitest'
import { vendorById } from '../../delivery/connections.ts'
import { beginFleet } from '../../delivery/fleet.ts'
import { ALL_SHOPS, heldReasons } from '../../delivery/fleet-filter.ts'
import { fleetStep } from '../../delivery/fleet-step.ts'
import { holdBySupport } from '../../delivery/holds.ts'
import { keepDelivery } from '../../delivery/testing.ts'
import { takeLaneHealth } from '../lane-health.ts'
import { fleetOf } from '../vendor-fleet.ts'
import { BY, connectedShops, HOLD, KEY, SHOP } from './testing.ts'
import { FLEET_CAUSES, failuresOfVendor, MOST_LOOKED_AT } from './vendor-failures.ts'
import { holdsOfVendor, shopsAtRest } from './vendor-stops.ts'

const { shops, pool, lane } = connectedShops()
const keep = (state: 'dead' | 'retry' | 'held' | 'delivered', shopId = shops.one, vendor = 'alana') =>
  keepDelivery(pool(), shopId, { vendor, state })
const connectTwo = () => shops.connect(shops.two, vendorById('alana'), KEY)

type PlanNode = {
  'Node Type': string
  'Relation Name'?: string
  'Actual Rows': number
  Alias?: string
  Plans?: PlanNode[]
}
const nodesOf = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)]

describe('failures of a vendor', () => {
  const failures = (now = new Date()) => failuresOfVendor(pool(), 'alana', now)
  const answered = async (shopId: number, event: string, status: number) => {
    const { rows } = await pool().query(
      `insert into exchanges (shop_id, id, vendor, started_at, duration_ms, request, response)
       values ($1, gen_random_uuid(), 'alana', now(), 5, '{}', $2) returning id`,
      [shopId, JSON.stringify({ status, headers: {}, body: null })],
    )
    await pool().query(
      `insert into attempts (shop_id, event_id, vendor, number, part, step, exchange_id, outcome)
       values ($1, $2, 'alana', 1, 0, 'event', $3, 'dead')`,
      [shopId, event, rows[0].id],
    )
  }

  it('are grouped over all shops by reason and answer, each with its shops and its newest event', async () => {
    const [first, second, last] = [await keep('dead'), await keep('dead'), await keep('dead', shops.two)]
    await pool().query("update deliveries set reason = 'rejected', message = 'No such key.'")
    for (const event of [first, second]) await answered(shops.one, event, 422)
    await answered(shops.two, last, 422)
    const tried = await keep('retry', shops.two)
    await keep('delivered')
    await keep('held')
    await keep('dead', shops.one, 'ecomail')
    const { causes, capped } = await failures()
    expect(capped).toBe(false)
    expect(causes).toEqual([
      expect.objectContaining({
        ...{ kind: 'failed', reason: 'rejected', message: 'No such key.', status: 422 },
        ...{ count: 3, shops: 2, newest: last, shop: 'two.myshopify.com' },
      }),
      expect.objectContaining({ kind: 'retrying', status: null, count: 1, shops: 1, newest: tried }),
    ])
    const [cause] = causes
    expect(cause?.since.getTime()).toBeLessThanOrEqual(cause?.until.getTime() ?? 0)
    expect(Date.now() - (cause?.since.getTime() ?? 0)).toBeLessThan(60_000)
    expect(await failures(new Date(Date.now() + 8 * 24 * 3600_000))).toEqual({ causes: [], capped: false })
  })

  it('are the newest by an index, however many there are', async () => {
    await pool().query(
      `insert into deliveries (shop_id, event_id, vendor, state, done, due_at, created_at, updated_at)
       select case when n % 2 = 0 then $1::int else $2::int end, ('01999999-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid,
         case when n % 3 = 0 then 'ecomail' else 'alana' end, case when n % 10 = 0 then 'dead' else 'delivered' end,
         '{}', now(), now(), now() from generate_series(1, 20000) n`,
      [shops.one, shops.two],
    )
    await pool().query('analyze deliveries')
    const values = ['alana', '01990000-0000-0000-0000-000000000000', MOST_LOOKED_AT, 50]
    const plan = await pool().query(`explain (analyze, format json) ${FLEET_CAUSES}`, values)
    const read = nodesOf(plan.rows[0]['QUERY PLAN'][0].Plan).filter(({ Alias }) => Alias?.startsWith('d_'))
    const rows = read.filter(node => node['Relation Name'] === 'deliveries_default')
    // One of what was given up, one of what is tried again: of 1,333 and of none.
    expect(rows.map(node => node['Node Type'])).toEqual(['Index Scan', 'Index Scan'])
    expect(rows.map(node => node['Actual Rows'])).toEqual([MOST_LOOKED_AT, 0])
    const at = new Date(0x019999990000 + 24 * 3600_000)
    const { causes, capped } = await failures(at)
    expect(capped).toBe(true)
    expect(causes).toMatchObject([{ count: MOST_LOOKED_AT, newest: '01999999-0000-7000-8000-000000020000' }])
  })
})

describe('what keeps a vendor from sending', () => {
  const open = (key: string) =>
    pool().query(
      `insert into circuits (key, open_until, rest_ms, opened_at, reason) values ($1, now() + interval '1 minute', 10000, now(), 'it failed')`,
      [key],
    )
  const pause = () => pool().query("update connections set paused_until = now() + interval '5 minutes'")

  const told = async () => {
    await pool().query(
      'insert into lane_health_due (shop_id, vendor) select shop_id, vendor from connections',
    )
    await takeLaneHealth(pool(), { opens: () => true, lateAfterMinutes: 60 })
    const [vendor] = await fleetOf(pool())
    return { ...(await shopsAtRest(pool(), 'alana')), paused: vendor?.paused, until: vendor?.pausedUntil }
  }

  it('is told apart: shops that rest by themselves, and shops that were told to wait', async () => {
    await connectTwo()
    expect(await told()).toEqual({ resting: 0, since: null, paused: 0, until: null })
    await pause()
    await open(`lane:${shops.one}:alana`)
    await open(`lane:${shops.one}:ecomail`)
    const date = expect.any(Date)
    expect(await told()).toEqual({ resting: 1, since: date, paused: 1, until: date })
  })

  it('of one that rests for every shop is its rest, which pauses the lanes as well', async () => {
    await open('vendor:alana')
    await pause()
    expect(await told()).toMatchObject({ resting: 0, paused: 0, until: null })
  })
})

describe('holds of a vendor', () => {
  it('are told by their reason, with who, until when and by which action', async () => {
    await connectTwo()
    expect(await holdsOfVendor(pool(), 'alana')).toEqual([])
    const until = new Date(Date.now() + 3600_000)
    await holdBySupport(pool(), lane(), { ...HOLD, until }, { ...BY, actor: 'one@example.com' }, SHOP)
    const order = { kind: 'hold', vendor: 'alana', reason: 'An outage.', until: null } as const
    const id = await beginFleet(pool(), BY, { ...order, filter: ALL_SHOPS })
    while (await fleetStep(pool(), id, async () => {}));
    const holds = await holdsOfVendor(pool(), 'alana')
    expect(holds).toEqual([
      expect.objectContaining({ reason: 'An outage.', shops: 1, by: BY.actor, action: id, endsFirst: null }),
      expect.objectContaining({ ...{ reason: HOLD.reason, shops: 1, by: 'one@example.com', action: null } }),
    ])
    expect(holds[1]).toMatchObject({ endsFirst: until, endsLast: until })
    const reasons = await heldReasons(pool(), 'alana')
    expect(holds.map(({ reason, shops: count }) => [reason, count])).toEqual(
      reasons.map(({ reason, shops: count }) => [reason, count]),
    )
    await pool().query("update connections set hold_until = now() - interval '1 second' where shop_id = $1", [
      shops.one,
    ])
    expect(await holdsOfVendor(pool(), 'alana')).toHaveLength(1)
  })
})

describe('the oldest that is held', () => {
  it('is that of all shops, by when it was received', async () => {
    await connectTwo()
    const [, second] = [await keep('held'), await keep('held', shops.two)]
    const at = new Date(Date.now() - 3 * 3600_000)
    await pool().query('update deliveries set created_at = $2 where event_id = $1', [second, at])
    await takeLaneHealth(pool(), { opens: () => true, lateAfterMinutes: 60 })
    expect(await fleetOf(pool())).toMatchObject([{ vendor: 'alana', held: 2, oldestHeld: at }])
    await pool().query("update deliveries set state = 'delivered'")
    await pool().query(
      'insert into lane_health_due (shop_id, vendor) select shop_id, vendor from connections',
    )
    await takeLaneHealth(pool(), { opens: () => true, lateAfterMinutes: 60 })
    expect(await fleetOf(pool())).toMatchObject([{ held: 0, oldestHeld: null }])
  })
})
