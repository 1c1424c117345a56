import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { emptyTables, type TestDatabase, testDatabase } from '../db/testing.ts'
import { saveConnection, vendorById } from '../delivery/connections.ts'
import { createGate, type Gate } from '../delivery/gate/gate.ts'
import {
  keepDelivery,
  newShop,
  pauseLane,
  refuse,
  sealer,
  TINY_SETTINGS,
  tinyVendor,
} from '../delivery/testing.ts'
import { createLog } from '../log.ts'
import { answer } from '../vendors/testing.ts'
import { canTryNow, keptBy, listLanes, type Standing, standings, statusOf } from './lanes.ts'

let test: TestDatabase
let shopId: number
let otherId: number
const pool = () => test.database.pool
const STATES = ['pending', 'retry', 'delivered', 'skipped', 'dead', 'held'] as const

beforeAll(async () => {
  test = await testDatabase()
})
afterAll(() => test.drop())
beforeEach(async () => {
  await emptyTables(pool())
  await pool().query('truncate allowances, circuits')
  shopId = await newShop(pool(), 'one')
  otherId = await newShop(pool(), 'two')
})

describe('listLanes', () => {
  beforeEach(async () => {
    for (const shop of [shopId, otherId]) {
      await saveConnection(test.database.pool, sealer, shop, tinyVendor(), TINY_SETTINGS)
      for (const state of STATES) await keepDelivery(pool(), shop, { state })
    }
  })

  it('counts what waits, by shop and vendor', async () => {
    expect(await listLanes(pool(), sealer, null)).toMatchObject(
      ['one', 'two'].map(name => ({
        shop: `${name}.myshopify.com`,
        vendor: 'tiny',
        ...{ enabled: true, attention: null, hold: null, pausedUntil: null },
        ...{ pending: 1, retry: 1, held: 1, dead: 1, oldestOpen: expect.any(Date) },
      })),
    )
    expect(await listLanes(pool(), sealer, shopId)).toMatchObject([{ shopId }])
  })

  it('counts no further than it is asked to: a hold with a million held is looked at often', async () => {
    for (const state of ['pending', 'held', 'held', 'dead', 'dead', 'waiting', 'waiting', 'waiting'] as const)
      await keepDelivery(pool(), shopId, { state })
    expect(await listLanes(pool(), sealer, shopId, 2)).toMatchObject([
      { held: 2, dead: 2, waiting: 2, oldestOpen: expect.any(Date) },
    ])
    const [cut] = await listLanes(pool(), sealer, shopId, 2)
    expect((cut?.pending ?? 0) + (cut?.retry ?? 0)).toBe(2)
    expect(await listLanes(pool(), sealer, shopId)).toMatchObject([
      { pending: 2, retry: 1, held: 3, dead: 3, waiting: 3 },
    ])
  })

  it('says of a week-old event that is sent again that it waits since then', async () => {
    await pool().query(
      `update deliveries set created_at = now() - interval '7 days', updated_at = now() - interval '7 days', trying_since = null
       where shop_id = $1 and state in ('delivered', 'pending', 'retry')`,
      [shopId],
    )
    const waitsMs = async () => {
      const [lane] = await listLanes(pool(), sealer, shopId)
      return Date.now() - (lane?.oldestOpen?.getTime() ?? 0)
    }
    expect(await waitsMs()).toBeGreaterThan(6 * 86_400_000)
    await pool().query(
      `update deliveries set state = 'pending', updated_at = now() where shop_id = $1 and state in ('pending', 'retry')`,
      [shopId],
    )
    expect(await waitsMs()).toBeLessThan(60_000)
  })

  it('shows what rests, and for whom', async () => {
    const open = (key: string, seconds: number) =>
      pool().query(
        `insert into circuits (key, open_until, rest_ms, opened_at, reason)
         values ($1, now() + make_interval(secs => $2), 10000, now(), 'it failed')`,
        [key, seconds],
      )
    await open(`lane:${shopId}:tiny`, 60)
    await open('vendor:other', 60)
    const rests = async () => (await listLanes(pool(), sealer, null)).map(lane => lane.rests)
    const resting = { until: expect.any(Date), over: false, why: 'it failed', everyShop: false }
    expect(await rests()).toEqual([resting, null])
    await open('vendor:tiny', 120)
    expect(await rests()).toEqual(Array(2).fill({ ...resting, everyShop: true }))
  })

  it('shows a lane in which nothing waits, and why one is stopped', async () => {
    await saveConnection(test.database.pool, sealer, shopId, tinyVendor({ id: 'zero' }), TINY_SETTINGS)
    const until = new Date('2099-01-01T00:00:00.000Z')
    await pauseLane(pool(), { shopId, vendor: 'zero' }, until)
    await refuse(pool(), { shopId, vendor: 'tiny' }, 'Wrong key.')
    expect(await listLanes(pool(), sealer, shopId)).toMatchObject([
      { vendor: 'tiny', attention: 'Wrong key.', pending: 0, retry: 0, held: 3, dead: 1, oldestOpen: null },
      { vendor: 'zero', pausedUntil: until, pending: 0, retry: 0, held: 0, dead: 0, oldestOpen: null },
    ])
  })
})

describe('a paused lane', () => {
  const gate = () => createGate({ pool: pool(), log: createLog('silent'), address: 'one' })
  const asking = (vendor: string, apiKey = TINY_SETTINGS.apiKey) => {
    const declared = vendorById(vendor)
    return { vendor: declared, settings: declared.settings.parse({ apiKey }), secrets: [apiKey] }
  }
  const connect = (vendor: string) =>
    saveConnection(test.database.pool, sealer, shopId, vendorById(vendor), TINY_SETTINGS)
  const lane = (vendor: string) => ({ shopId, vendor })
  const status = async () => (await standings(pool(), sealer, shopId)).map(statusOf)
  const permit = async (vendor: string, by: Gate, want = 1) => {
    const given = await by.ask(lane(vendor), asking(vendor), want)
    if (given.kind !== 'go') throw new Error('no permit')
    return given
  }

  it('names the limit that is used up', async () => {
    await connect('ecomail')
    await permit('ecomail', gate(), 1000)
    const wait = await gate().ask(lane('ecomail'), asking('ecomail'), 1)
    await pauseLane(pool(), lane('ecomail'), 'until' in wait ? wait.until : new Date(0))
    expect(await status()).toEqual([
      expect.stringMatching(
        /^paused until \S+Z because Ecomail's limit is used up \(1000 requests in 60 s with these credentials\)$/,
      ),
    ])
  })

  it('says that the vendor asked for it, and until when where that is later', async () => {
    await connect('ecomail')
    const pass = await permit('ecomail', gate())
    pass.take()
    const notBefore = new Date(Date.now() + 3600_000)
    pass.answered({
      answer: { ...answer(429), receivedAt: new Date() },
      failed: false,
      wholeLane: true,
      notBefore,
    })
    await pass.close()
    await pauseLane(pool(), lane('ecomail'), new Date(notBefore.getTime() - 60_000))
    expect(await status()).toEqual([
      expect.stringMatching(/^paused until \S+Z because Ecomail asked to wait until \S+Z$/),
    ])
    await pauseLane(pool(), lane('ecomail'), notBefore)
    expect(await status()).toEqual([
      expect.stringMatching(/^paused until \S+Z because Ecomail asked to wait$/),
    ])
  })

  it('says that the vendor has nothing left to give', async () => {
    await connect('topmail')
    const pass = await permit('topmail', gate())
    pass.take()
    const headers = {
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': new Date(Date.now() + 60_000).toISOString(),
    }
    pass.answered({ answer: { ...answer(200), headers, receivedAt: new Date() }, failed: false })
    await pass.close()
    const wait = await gate().ask(lane('topmail'), asking('topmail'), 1)
    await pauseLane(pool(), lane('topmail'), 'until' in wait ? wait.until : new Date(0))
    expect(await status()).toEqual([
      expect.stringMatching(/^paused until \S+Z because Topmail said that its limit is used up$/),
    ])
  })

  it('gives no reason where nothing that is stored tells', async () => {
    await connect('ecomail')
    await permit('ecomail', gate())
    await pauseLane(pool(), lane('ecomail'), new Date('2099-01-01T00:00:00.000Z'))
    expect(await status()).toEqual(['paused until 2099-01-01T00:00:00.000Z'])
    await pool().query(`update connections set settings = '{"createContacts":"often"}'`)
    expect(await status()).toEqual(['paused until 2099-01-01T00:00:00.000Z'])
  })
})

describe('statusOf', () => {
  const at = new Date('2026-11-20T12:00:00.000Z')
  const later = new Date('2026-11-20T12:05:00.000Z')
  const open: Standing = {
    ...{ shop: 's', shopId: 1, vendor: 'tiny', enabled: true, attention: null, hold: null, rests: null },
    ...{ pausedUntil: null, pausedWhy: null, opens: true },
    ...{ testedAt: null, testOk: null, testMessage: null, testRefused: null },
  }
  const rests = { until: at, over: false, why: 'it failed', everyShop: false }

  it.each<[Partial<Standing>, string, Date | null]>([
    [{}, 'open', null],
    [{ enabled: false, attention: 'No.' }, 'off', null],
    [{ attention: 'No.' }, 'needs attention: No.', null],
    [{ rests }, `rests until ${at.toISOString()} because it failed`, at],
    [
      { rests, pausedUntil: later, pausedWhy: 'it asked to wait' },
      `paused until ${later.toISOString()} because it asked to wait`,
      later,
    ],
    [
      { rests: { ...rests, everyShop: true } },
      `rests until ${at.toISOString()}, for every shop, because it failed`,
      at,
    ],
    [
      { rests: { ...rests, over: true } },
      'tries again now: it rested because it failed, and one request decides',
      null,
    ],
    [
      { rests: { ...rests, over: true }, pausedUntil: later },
      `tries again at ${later.toISOString()}: it rested because it failed, and one request decides`,
      later,
    ],
    [{ pausedUntil: at, pausedWhy: 'of that' }, `paused until ${at.toISOString()} because of that`, at],
  ])('of %j is %s', (over, status, goesOn) => {
    expect(statusOf({ ...open, ...over })).toBe(status)
    expect(keptBy({ ...open, ...over })?.until ?? null).toEqual(goesOn)
  })

  const everyShop = { ...rests, everyShop: true }
  const pause = { pausedUntil: later, pausedWhy: 'it asked to wait' }
  const longRest = { ...everyShop, until: later }
  it.each<[string, Partial<Standing>, ReturnType<typeof keptBy>, boolean]>([
    ['rests', { rests }, { by: 'rest', until: at, why: 'it failed', everyShop: false }, true],
    [
      'rests for every shop',
      { rests: everyShop },
      { by: 'rest', until: at, why: 'it failed', everyShop: true },
      false,
    ],
    ['pauses', pause, { by: 'pause', until: later, why: 'it asked to wait', everyShop: false }, false],
    [
      'pauses for longer than it rests',
      { ...pause, rests: everyShop },
      { by: 'pause', until: later, why: 'it asked to wait', everyShop: false },
      false,
    ],
    [
      'rests for longer than it pauses',
      { ...pause, pausedUntil: at, rests: longRest },
      { by: 'rest', until: later, why: 'it failed', everyShop: true },
      false,
    ],
    [
      'pauses with its rest, which no other reason tells',
      { pausedUntil: later, rests },
      { by: 'rest', until: later, why: 'it failed', everyShop: false },
      true,
    ],
    [
      'pauses, and nothing tells why',
      { pausedUntil: later },
      { by: 'pause', until: later, why: null, everyShop: false },
      false,
    ],
    ['tries again', { rests: { ...rests, over: true } }, null, true],
  ])('is told by what takes longer where a lane %s', (_, over, kept, tries) => {
    expect(keptBy({ ...open, ...over })).toEqual(kept)
    expect(canTryNow({ ...open, ...over })).toBe(tries)
  })
})
