import { describe, expect, it } from 'vitest'
import { NOBODY } from '../events/store-event.ts'
import { createSealer } from '../secrets/seal.ts'
import { dueDeliveries, lanesDue, nextDue, placeBefore, putOffKeyless, standingOf } from './due.ts'
import { eventId, keepDelivery, newShop, pauseLane, sealer } from './testing.ts'
import { twoShops } from './testing-shops.ts'

const shops = twoShops()
const { connect, lane, pool } = shops
const ids = async (limit = 100) =>
  (await dueDeliveries(pool(), sealer, lane(), limit)).due.map(({ event }) => event.id)

const keep = (n: number, over: Parameters<typeof keepDelivery>[2] = {}, shop = shops.one) =>
  keepDelivery(pool(), shop, over, { id: eventId(n) })

describe('due deliveries', () => {
  it('come oldest event first, whatever became due first, and no more than asked for', async () => {
    await keep(3, { dueIn: -300 })
    await keep(1, { dueIn: -1, state: 'retry' })
    await keep(2, { dueIn: -200 })
    expect(await ids()).toEqual([1, 2, 3].map(eventId))
    expect(await ids(2)).toEqual([1, 2].map(eventId))
  })

  it('are those of the lane: not of another shop, nor of another vendor', async () => {
    await keep(1)
    await keep(2, {}, shops.two)
    await keep(3, { vendor: 'other' })
    expect(await ids()).toEqual([eventId(1)])
  })

  it('are those whose time has come', async () => {
    await keep(1, { dueIn: 60 })
    await keep(2, { dueIn: 60, state: 'retry' })
    expect(await ids()).toEqual([])
  })

  it.each(['delivered', 'skipped', 'dead', 'held'] as const)('are not those that are %s', async state => {
    await keep(1, { state })
    expect(await ids()).toEqual([])
  })

  it('are of one shop and one vendor', async () => {
    await keep(1, {}, shops.two)
    await keep(2, { vendor: 'other' })
    expect(await ids()).toEqual([])
  })

  it('bring the event as it was accepted, with how far it has come', async () => {
    const actor = { ...NOBODY, email: 'jane@example.com', customerId: '7', attributes: { gift: 'yes' } }
    await keepDelivery(pool(), shops.one, { replay: true }, { id: eventId(1), actor })
    await pool().query(`update deliveries set attempts = 3, done = '{contact}'`)
    const { due } = await dueDeliveries(pool(), sealer, lane(), 1)
    expect(due).toMatchObject([{ event: { actor }, attempts: 3, done: ['contact'], replayed: true }])
    expect(due[0]?.since).toBeInstanceOf(Date)
  })

  it('leave aside alone what cannot be read', async () => {
    const actor = { ...NOBODY, email: 'jane@example.com' }
    await keepDelivery(pool(), shops.one, {}, { id: eventId(1), actor })
    for (const n of [2, 3]) await keepDelivery(pool(), shops.one, {}, { id: eventId(n), actor: NOBODY })
    await pool().query(`update events set data = '{"query":7}' where id = $1`, [eventId(3)])
    const another = createSealer([{ id: 'another', bytes: Buffer.alloc(32, 1) }])
    const { due, unreadable, keyless } = await dueDeliveries(pool(), another, lane(), 10)
    expect(due.map(({ event }) => event.id)).toEqual([eventId(2)])
    expect(keyless).toEqual([eventId(1)])
    expect([...unreadable]).toMatchObject([[eventId(3), { state: 'dead', reason: 'not_plannable' }]])
    expect(JSON.stringify([...unreadable])).not.toContain('jane')
  })

  it('wait on with the time since which they wait where only their key is not known, and are given up as anything is: they were tried for ever, and never late', async () => {
    await keepDelivery(
      pool(),
      shops.one,
      {},
      { id: eventId(1), actor: { ...NOBODY, email: 'jane@example.com' } },
    )
    const another = createSealer([{ id: 'another', bytes: Buffer.alloc(32, 1) }])
    const waitedFor = (hours: number) =>
      pool().query(
        `update deliveries set due_at = now(), trying_since = null, updated_at = now() - make_interval(hours => $1)`,
        [hours],
      )
    await waitedFor(71)
    expect(await dueDeliveries(pool(), another, lane(), 10)).toMatchObject({ keyless: [eventId(1)] })
    await putOffKeyless(pool(), lane(), [eventId(1)])
    const { rows } = await pool().query(
      `select state, reason, attempts, due_at > now() as later, updated_at < now() - interval '70 hours' as long from deliveries`,
    )
    expect(rows).toEqual([{ state: 'retry', reason: 'transient', attempts: 0, later: true, long: true }])
    await waitedFor(73)
    const { keyless, unreadable } = await dueDeliveries(pool(), another, lane(), 10)
    expect([keyless, unreadable.get(eventId(1))]).toMatchObject([
      [],
      { state: 'dead', reason: 'not_plannable' },
    ])
  })
})

describe('priority', () => {
  const later = (n: number) =>
    pool().query('update deliveries set priority = 1 where event_id = $1', [eventId(n)])

  it('lets live ones go before replays and imports, each by age', async () => {
    for (const n of [1, 2, 3, 4]) await keep(n)
    for (const n of [1, 3]) await later(n)
    expect(await ids()).toEqual([2, 4, 1, 3].map(eventId))
    expect(await ids(3)).toEqual([2, 4, 1].map(eventId))
  })
})

describe('what waited for its person', () => {
  it('goes newest first, after what is live and before what is not, read on where it ended', async () => {
    for (const n of [1, 2, 3, 4, 5, 6]) await keep(n)
    await pool().query('update deliveries set priority = 1 where event_id = $1', [eventId(1)])
    await pool().query('update deliveries set priority = -1 where event_id = any($1)', [
      [2, 3, 5].map(eventId),
    ])
    expect(await ids()).toEqual([4, 6, 5, 3, 2, 1].map(eventId))
    const { place } = await dueDeliveries(pool(), sealer, lane(), 4)
    const rest = await dueDeliveries(pool(), sealer, lane(), 4, place)
    expect(rest.due.map(({ event }) => event.id)).toEqual([2, 1].map(eventId))
  })

  it('is live: the lane is armed for it as such', async () => {
    await keep(1)
    await pool().query('update deliveries set priority = -1')
    expect(await nextDue(pool(), lane())).toEqual({ at: null, background: false })
    expect(await standingOf(pool(), lane())).toEqual({ oldest: eventId(1), held: false })
  })
})

describe('due deliveries from a place on', () => {
  const read = (live: number, background: number) => ({
    ...placeBefore(eventId(0)),
    live: eventId(live),
    background: eventId(background),
  })
  const later = (n: number) =>
    pool().query('update deliveries set priority = 1 where event_id = $1', [eventId(n)])

  it('leave out what was read, each priority by itself, and say where to read on', async () => {
    for (const n of [1, 2, 3, 4, 5, 6]) await keep(n)
    for (const n of [2, 5, 6]) await later(n)
    const { due, place } = await dueDeliveries(pool(), sealer, lane(), 3, read(1, 2))
    expect(due.map(({ event }) => event.id)).toEqual([3, 4, 5].map(eventId))
    expect(place).toEqual(read(4, 5))
    const rest = await dueDeliveries(pool(), sealer, lane(), 3, place)
    expect(rest.due.map(({ event }) => event.id)).toEqual([eventId(6)])
    expect(rest.place).toEqual(read(4, 6))
  })

  it('begin with all of one millisecond', async () => {
    for (const n of [1, 2, 3]) await keep(n)
    const { due } = await dueDeliveries(pool(), sealer, lane(), 10, placeBefore(eventId(2)))
    expect(due.map(({ event }) => event.id)).toEqual([1, 2, 3].map(eventId))
  })
})

describe('how a lane stands', () => {
  it('is nothing where nothing waits', async () => {
    for (const [n, state] of (['delivered', 'skipped', 'dead'] as const).entries()) await keep(n, { state })
    expect(await standingOf(pool(), lane())).toEqual({ oldest: null, held: false })
  })

  it('names the oldest that waits, due or not, of either priority', async () => {
    await keep(3)
    await keep(2, { dueIn: 500, state: 'retry' })
    await keep(1, {}, shops.two)
    await keep(0, { vendor: 'other' })
    expect(await standingOf(pool(), lane())).toEqual({ oldest: eventId(2), held: false })
    await keep(1)
    await pool().query('update deliveries set priority = 1 where event_id = $1', [eventId(1)])
    expect(await standingOf(pool(), lane())).toEqual({ oldest: eventId(1), held: false })
  })

  it('says whether anything is held, which does not wait', async () => {
    await keep(1, { state: 'held' })
    await keep(2, { state: 'held' }, shops.two)
    expect(await standingOf(pool(), lane())).toEqual({ oldest: null, held: true })
  })
})

describe('the next due time', () => {
  it('is the earliest of what waits in the lane', async () => {
    await keep(1, { dueIn: 500, state: 'retry' })
    await keep(2, { dueIn: 200 })
    await keep(3, { dueIn: -100, state: 'held' })
    await keep(1, { dueIn: -100 }, shops.two)
    const seconds = ((await nextDue(pool(), lane()))?.at?.getTime() ?? 0) - Date.now()
    expect(seconds).toBeGreaterThan(150_000)
    expect(seconds).toBeLessThan(250_000)
  })

  it('says whether only replays and imports are due: what is live, and due, counts first', async () => {
    await keep(1)
    await pool().query('update deliveries set priority = 1')
    expect(await nextDue(pool(), lane())).toMatchObject({ background: true })
    await keep(2, { dueIn: 60 })
    expect(await nextDue(pool(), lane())).toMatchObject({ background: true })
    await keep(3)
    expect(await nextDue(pool(), lane())).toMatchObject({ background: false })
  })

  it('is null where nothing waits', async () => {
    await keep(1, { state: 'dead' })
    expect(await nextDue(pool(), lane())).toBeNull()
  })
})

describe('lanes with something due', () => {
  const found = async (limit = 100) =>
    (await lanesDue(pool(), limit)).sort((a, b) => a.shopId - b.shopId || (a.vendor < b.vendor ? -1 : 1))

  it('are named once each', async () => {
    await connect(shops.one)
    await connect(shops.two)
    for (const n of [1, 2]) await keep(n)
    await keep(1, {}, shops.two)
    expect(await found()).toEqual([lane(), { shopId: shops.two, vendor: 'tiny' }])
    expect(await found(1)).toHaveLength(1)
  })

  it('are not those without a connection, or with nothing due', async () => {
    await keep(1)
    expect(await found()).toEqual([])
    await connect(shops.two)
    await keep(1, { dueIn: 60 }, shops.two)
    expect(await found()).toEqual([])
  })

  it('are those where something is held though they are open, and not those that are stopped', async () => {
    await connect(shops.one)
    await keep(1, { state: 'held' })
    expect(await found()).toEqual([lane()])
    for (const stopped of ['enabled = false', `enabled = true, attention = 'Wrong key.'`]) {
      await pool().query(`update connections set ${stopped}`)
      expect(await found()).toEqual([])
    }
  })

  it('are those that are stopped while something is open: it is to be held', async () => {
    await connect(shops.one)
    await keep(1)
    await pool().query('update connections set enabled = false')
    expect(await found()).toEqual([lane()])
  })

  it('are found among many, each once, however much waits in one', async () => {
    const VENDORS = ['a', 'b', 'c']
    const SHOPS = Array.from({ length: 40 }, (_, n) => n)
    const shops: number[] = []
    for (const n of SHOPS) shops.push(await newShop(pool(), `many-${n}`))
    await pool().query(
      `insert into connections (shop_id, vendor, settings, secrets, updated_at)
       select s, v, '{}', '', now() from unnest($1::int[]) s, unnest($2::text[]) v`,
      [shops, VENDORS],
    )
    // Of shop n: the first vendor has n things due, the second waits for later, the third holds.
    await pool().query(
      `insert into deliveries (shop_id, event_id, vendor, state, done, due_at, created_at, updated_at)
       select s, gen_random_uuid(), 'a', 'pending', '{}'::text[], now() - interval '1 second', now(), now()
         from unnest($1::int[]) with ordinality t(s, n), generate_series(2, n) union all
       select s, gen_random_uuid(), 'b', 'retry', '{}'::text[], now() + interval '1 hour', now(), now() from unnest($1::int[]) s union all
       select s, gen_random_uuid(), 'c', 'held', '{}'::text[], now(), now(), now() from unnest($1::int[]) s`,
      [shops],
    )
    const lanes = (vendor: string, of: readonly number[]) => of.map(shop => ({ shopId: shop, vendor }))
    const expected = [...lanes('a', shops.slice(1)), ...lanes('c', shops)]
    const sorted = expected.sort((a, b) => a.shopId - b.shopId || (a.vendor < b.vendor ? -1 : 1))
    expect(await found(1000)).toEqual(sorted)
    expect(await found(7)).toHaveLength(7)
  })

  it('are not those that pause, until the pause ends', async () => {
    await connect(shops.one)
    await keep(1)
    await pauseLane(pool(), lane(), new Date(Date.now() + 60_000))
    expect(await found()).toEqual([])
    await pauseLane(pool(), lane(), new Date(Date.now() - 1_000))
    expect(await found()).toEqual([lane()])
  })
})
