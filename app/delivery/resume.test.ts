import { beforeEach, describe, expect, it } from 'vitest'
import { createLog } from '../log.ts'
import { answer } from '../vendors/testing.ts'
import type { Announcement, Limit, Vendor } from '../vendors/vendor.ts'
import { connectionRow, openConnection } from './connections.ts'
import { drainLane } from './drain.ts'
import { createGate } from './gate/gate.ts'
import { limit } from './gate/testing.ts'
import { switchLane } from './lane-state.ts'
import { resumeLane } from './resume.ts'
import type { Sent } from './send.ts'
import {
  deliveryOf,
  drainContext,
  keepDelivery,
  pauseLane,
  sealer,
  type TinySettings,
  tinyVendor,
} from './testing.ts'
import { twoShops } from './testing-shops.ts'
import { beginTurn } from './turn.ts'

const shops = twoShops()
const { connect, lane, pool } = shops

const HOUR_MS = 3_600_000
/** What the vendor answers, in turn; then 200. */
let answers: Sent[]
let sent: number
const pause = async (id = shops.one) => (await connectionRow(pool(), id, 'tiny'))?.paused_until ?? null

beforeEach(async () => {
  await connect()
  answers = []
  sent = 0
})

/** A vendor with these limits, which obeys a 429 as the others do. */
function vendorOf(limits: Limit[], announces: () => Announcement | null = () => null) {
  const said = { merchant: 'Tiny asks to slow down.', log: 'tiny 429' }
  const over: Partial<Vendor<TinySettings>> = {
    limits: () => ({ limits, batch: 1, concurrency: 1 }),
    announces,
    read: (_step, { status }) =>
      status === 429
        ? {
            kind: 'retry',
            wholeLane: true,
            notBefore: new Date(Date.now() + 72 * HOUR_MS),
            ...said,
          }
        : { kind: 'delivered' },
  }
  return tinyVendor(over)
}
const LIMITED = vendorOf([limit(5)])

async function drain(vendor = LIMITED, id = shops.one, address = 'test') {
  const gate = createGate({ pool: pool(), log: createLog('silent'), address })
  const send = async () => {
    sent += 1
    return answers.shift() ?? { answer: answer(200) }
  }
  const context = drainContext(pool(), [vendor], { gate, sender: { close: async () => {}, send } })
  await drainLane(context, lane(id), new AbortController().signal)
}

async function resume(vendor = LIMITED, id = shops.one) {
  const row = await connectionRow(pool(), id, 'tiny')
  if (!row) throw new Error('not connected')
  return resumeLane(pool(), lane(id), openConnection(sealer, id, row, [vendor]))
}
const inDays = (date: Date | null | undefined) => ((date?.getTime() ?? 0) - Date.now()) / (24 * HOUR_MS)

describe('a lane that a vendor told to wait for three days', () => {
  it('sends at once when it is resumed, what was refused first of all', async () => {
    const [first, second] = [await keepDelivery(pool(), shops.one), await keepDelivery(pool(), shops.one)]
    answers = [{ answer: answer(429) }]
    await drain()
    await drain()
    expect(sent).toBe(1)
    const resumed = await resume()
    expect(resumed).toMatchObject({
      announced: [{ scope: 'key', until: expect.any(Date) }],
      restedUntil: null,
      broughtForward: 1,
      vendorRestsUntil: null,
      stop: null,
    })
    expect(inDays(resumed?.announced[0]?.until)).toBeGreaterThan(2.99)
    expect(inDays(resumed?.pausedUntil)).toBeGreaterThan(2.99)
    await drain()
    expect(sent).toBe(3)
    for (const id of [first, second]) {
      expect(await deliveryOf(pool(), shops.one, id)).toMatchObject({ state: 'delivered' })
    }
  })

  it('is not paused again by a turn that heard of the announcement before', async () => {
    const turn = await beginTurn(pool(), lane(), () => false)
    await resume()
    await turn?.pause({ forMs: 72 * HOUR_MS })
    expect(await pause()).toBeNull()
  })

  it('is free from whichever address it sends, and so is another shop with its credentials, but for its own pause', async () => {
    const vendor = vendorOf([limit(5), limit(5, 5, 'key+address'), limit(5, 5, 'address')])
    await connect(shops.two)
    for (const [id, address] of [
      [shops.one, 'first'],
      [shops.two, 'second'],
    ] as const) {
      await keepDelivery(pool(), id)
      answers = [{ answer: answer(429) }]
      // The second hears of the first one's announcement, by the credentials.
      await pool().query(`delete from allowances where key like 'tiny:key:%'`)
      await drain(vendor, id, address)
    }
    const scopes = (await resume(vendor))?.announced.map(({ scope }) => scope).sort()
    expect(scopes).toEqual(['address', 'address', 'key', 'key+address', 'key+address'])
    expect(inDays(await pause(shops.two))).toBeGreaterThan(2.99)
    await drain(vendor, shops.one, 'second')
    expect(sent).toBe(3)
  })

  it('stays as it is when a shop with other credentials is resumed', async () => {
    await connect(shops.two, tinyVendor(), { apiKey: 'another-key-0123456789' })
    await keepDelivery(pool(), shops.one)
    answers = [{ answer: answer(429) }]
    await drain()
    expect(await resume(LIMITED, shops.two)).toMatchObject({ announced: [], broughtForward: 0 })
    expect(inDays(await pause())).toBeGreaterThan(2.99)
    // A merchant, who may not end what others share, leaves it too.
    expect(await resumeLane(pool(), lane(), null)).toMatchObject({ announced: [] })
    expect(await resume()).toMatchObject({ announced: [{ scope: 'key' }] })
  })
})

describe('a lane that is resumed', () => {
  it('keeps the declared limit: what was sent counts on', async () => {
    for (let n = 0; n < 4; n++) await keepDelivery(pool(), shops.one)
    answers = [{ answer: answer(200) }, { answer: answer(429) }]
    const vendor = vendorOf([limit(3)])
    await drain(vendor)
    await resume(vendor)
    await drain(vendor)
    expect(sent).toBe(3)
    expect(await resume(vendor)).toMatchObject({ announced: [], pausedUntil: expect.any(Date) })
    await drain(vendor)
    expect(sent).toBe(3)
  })

  it.each([
    [0, [{ scope: 'key' }], 3],
    [1, [], 2],
  ])('is free of "%i remain until a day from now" if that stopped it', async (remaining, announced, most) => {
    for (let n = 0; n < 3; n++) await keepDelivery(pool(), shops.one)
    let said: Announcement | null = { remaining, resetAt: new Date(Date.now() + 24 * HOUR_MS) }
    const vendor = vendorOf([limit(9)], () => said)
    await pool().query(`update deliveries set state = 'retry', due_at = now() + interval '1 hour'`)
    await pool().query(
      `update deliveries set due_at = now() where event_id = (select min(event_id::text)::uuid from deliveries)`,
    )
    await drain(vendor)
    said = null
    expect(sent).toBe(1)
    expect((await resume(vendor))?.announced).toMatchObject(announced)
    await drain(vendor)
    expect(sent).toBe(most)
  })

  it('no longer rests after failures, but for a rest of the vendor, of which it tells', async () => {
    const opened = (key: string) =>
      pool().query(
        `insert into circuits (key, open_until, rest_ms, opened_at, reason)
         values ($1, now() + interval '1 minute', 60000, now(), 'it failed')`,
        [key],
      )
    await opened(`lane:${shops.one}:tiny`)
    await opened(`lane:${shops.two}:tiny`)
    expect(await resume()).toMatchObject({ restedUntil: expect.any(Date), vendorRestsUntil: null })
    await opened('vendor:tiny')
    expect(await resume()).toMatchObject({ restedUntil: null, vendorRestsUntil: expect.any(Date) })
    const left = await pool().query('select key from circuits order by key')
    expect(left.rows.map(({ key }) => key)).toEqual([`lane:${shops.two}:tiny`, 'vendor:tiny'])
  })

  it('that nothing kept waiting says so', async () => {
    await pauseLane(pool(), lane(), new Date(Date.now() - 1_000))
    expect(await resume()).toEqual({
      announced: [],
      pausedUntil: null,
      restedUntil: null,
      broughtForward: 0,
      vendorRestsUntil: null,
      stop: null,
    })
  })

  it('and is switched off says what it waits for', async () => {
    await switchLane(pool(), lane(), false)
    expect(await resume()).toMatchObject({ stop: { reason: 'off' } })
  })

  it('brings forward more than one statement takes, and only its own', async () => {
    await connect(shops.two)
    await keepDelivery(pool(), shops.two, { state: 'retry', dueIn: 600 })
    await pool().query(
      `insert into deliveries (shop_id, event_id, vendor, state, done, due_at, created_at, updated_at)
       select $1, gen_random_uuid(), 'tiny', 'retry', '{}'::text[], now() + interval '1 hour', now(), now()
       from generate_series(1, 2100)`,
      [shops.one],
    )
    expect(await resume()).toMatchObject({ broughtForward: 2_100 })
    const later = await pool().query('select shop_id from deliveries where due_at > now()')
    expect(later.rows).toEqual([{ shop_id: shops.two }])
  })

  it('must be connected', async () => {
    const row = await connectionRow(pool(), shops.one, 'tiny')
    if (!row) throw new Error('not connected')
    const connection = openConnection(sealer, shops.one, row, [LIMITED])
    expect(await resumeLane(pool(), lane(shops.two), connection)).toBeNull()
  })
})
