/** The gate on a real PostgreSQL, two processes' worth of it: two pools, each with its own gate. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Database, openDatabase } from '../../db/database.ts'
import { type TestDatabase, testDatabase } from '../../db/testing.ts'
import { createLog } from '../../log.ts'
import { answer } from '../../vendors/testing.ts'
import type { Announcement, Limit } from '../../vendors/vendor.ts'
import type { Lane } from '../lane.ts'
import { tinyVendor } from '../testing.ts'
import { HOLD_MS, USABLE_MS } from './allowance.ts'
import {
  type Asking,
  createGate,
  forgetIdleAllowances,
  type Gate,
  type Pass,
  type Result,
  type Wait,
} from './gate.ts'

const START = Date.parse('2026-11-20T12:00:00.000Z')
const log = createLog('silent')
let now = START
let test: TestDatabase
let other: Database
let here: Gate
let there: Gate

beforeAll(async () => {
  test = await testDatabase()
  other = openDatabase(test.url)
})
beforeEach(async () => {
  now = START
  await test.database.pool.query('truncate allowances, circuits')
  here = gate(test.database, 'here')
  there = gate(other, 'there')
})
afterAll(async () => {
  await other.close()
  await test.drop()
})

const gate = ({ pool }: Database, address: string) => createGate({ pool, log, address, now: () => now })
const shop = (shopId: number): Lane => ({ shopId, vendor: 'tiny' })

function tiny(limits: Limit[], announced: Announcement | null = null, secret = 'k'): Asking {
  const vendor = tinyVendor({
    limits: () => ({ limits, batch: 1, concurrency: 1 }),
    announces: () => announced,
  })
  return { vendor, settings: {}, secrets: [secret] }
}
const limit = (requests: number, windowSeconds = 60, scope: Limit['scope'] = 'key'): Limit => ({
  scope,
  requests,
  windowSeconds,
})
const FREE = tiny([])

function passed(outcome: Pass | Wait): Pass {
  if (outcome.kind !== 'go')
    throw new Error(`told to wait: ${outcome.why} until ${outcome.until.toISOString()}`)
  return outcome
}
const waited = (outcome: Pass | Wait) => {
  if (outcome.kind !== 'wait') throw new Error('was let through')
  return { why: outcome.why, inMs: outcome.until.getTime() - now }
}
const ok = { answer: answer(200), failed: false }
const failure = { answer: null, failed: true, durationMs: 10 }

/** Uses all permits of a pass. */
async function used(pass: Pass, result: Result = ok): Promise<void> {
  while (pass.take()) pass.answered(result)
  await pass.close()
}

/** How often a connection was taken from the pool: once for each query or transaction. */
async function countCalls({ pool }: Database, work: () => Promise<unknown>): Promise<number> {
  let calls = 0
  const count = () => {
    calls += 1
  }
  pool.on('acquire', count)
  await work()
  pool.off('acquire', count)
  return calls
}

describe('permits', () => {
  it('are given as far as the limit goes, then a time', async () => {
    const pass = passed(await here.ask(shop(1), tiny([limit(5)]), 9))
    expect(pass).toMatchObject({ permits: 5, probe: false })
    await used(pass)
    expect(waited(await here.ask(shop(1), tiny([limit(5)]), 1))).toEqual({ why: 'limit', inMs: 60_000 })
    now += 60_000
    expect(passed(await here.ask(shop(1), tiny([limit(5)]), 1)).permits).toBe(1)
  })

  it('are shared with another shop that has the same credentials, on another node', async () => {
    passed(await here.ask(shop(1), tiny([limit(5)]), 3))
    expect(passed(await there.ask(shop(2), tiny([limit(5)]), 3)).permits).toBe(2)
    expect(passed(await there.ask(shop(2), tiny([limit(5)], null, 'another'), 3)).permits).toBe(3)
  })

  it('of one address are shared by all shops of a node, and by no other node', async () => {
    const byAddress = tiny([limit(5, 5, 'address')], null, 'a')
    const another = tiny([limit(5, 5, 'address')], null, 'b')
    await used(passed(await here.ask(shop(1), byAddress, 4)))
    expect(passed(await here.ask(shop(2), another, 4)).permits).toBe(1)
    expect(passed(await there.ask(shop(2), another, 4)).permits).toBe(4)
  })

  it('of several limits are as many as the least gives, and none is taken where one refuses', async () => {
    const both = tiny([limit(10), limit(3, 60, 'key+address')])
    expect(passed(await here.ask(shop(1), both, 9)).permits).toBe(3)
    expect(waited(await here.ask(shop(2), both, 9)).why).toBe('limit')
    expect(passed(await there.ask(shop(2), both, 9)).permits).toBe(3)
    expect(passed(await there.ask(shop(3), tiny([limit(10)]), 9)).permits).toBe(4)
  })

  it('that are not used are given back', async () => {
    const pass = passed(await here.ask(shop(1), tiny([limit(5)]), 5))
    expect(pass.take()).toBe(true)
    pass.answered(ok)
    await pass.close()
    await pass.close()
    expect(passed(await here.ask(shop(2), tiny([limit(5)]), 9)).permits).toBe(4)
    expect(pass.take()).toBe(false)
  })

  it('whose request is not answered when the pass is closed stay taken', async () => {
    const pass = passed(await here.ask(shop(1), tiny([limit(5)]), 2))
    pass.take()
    await pass.close()
    now += 60_000
    expect(passed(await here.ask(shop(1), tiny([limit(5)]), 9)).permits).toBe(4)
  })

  it('of a process that died count for the longest time a request could take, and the window', async () => {
    passed(await here.ask(shop(1), tiny([limit(5)]), 5))
    now += HOLD_MS + 59_999
    expect(waited(await there.ask(shop(1), tiny([limit(5)]), 1)).why).toBe('limit')
    now += 1
    expect(passed(await there.ask(shop(1), tiny([limit(5)]), 9)).permits).toBe(5)
  })

  it('that are too old are not used', async () => {
    const pass = passed(await here.ask(shop(1), tiny([limit(5)]), 5))
    expect(pass.take()).toBe(true)
    now += USABLE_MS + 1
    expect(pass.take()).toBe(false)
  })

  it('are settled in part by flush, at the time of each answer', async () => {
    const pass = passed(await here.ask(shop(1), tiny([limit(2)]), 2))
    pass.take()
    pass.answered(ok)
    now += 10_000
    await pass.flush()
    now += 50_000
    expect(passed(await there.ask(shop(2), tiny([limit(2)]), 9)).permits).toBe(1)
  })
})

describe('what an answer says', () => {
  const slowDown = (seconds: number, at = new Date(now)) => ({
    answer: { ...answer(429), receivedAt: at },
    failed: false,
    wholeLane: true,
    notBefore: new Date(at.getTime() + seconds * 1000),
  })

  it('stops the other shop with the same key at once, to the second, by whatever clock the node has', async () => {
    const asking = tiny([limit(50), limit(40, 60, 'key+address')])
    const pass = passed(await here.ask(shop(1), asking, 5))
    pass.take()
    const wrongClock = new Date(now - 3_600_000)
    pass.answered(slowDown(30, wrongClock))
    expect(pass.take()).toBe(false)
    await pass.flush()
    expect(waited(await there.ask(shop(2), asking, 1))).toEqual({ why: 'announced', inMs: 30_000 })
    now += 29_999
    expect(waited(await there.ask(shop(3), asking, 1)).why).toBe('announced')
    now += 1
    expect((await there.ask(shop(2), asking, 1)).kind).toBe('go')
  })

  it('is known to others before the pass is closed', async () => {
    const pass = passed(await here.ask(shop(1), tiny([limit(50)]), 5))
    pass.take()
    pass.answered(slowDown(30))
    let told: Pass | Wait = await there.ask(shop(2), tiny([limit(50)]), 1)
    for (let tries = 0; told.kind === 'go' && tries < 1_000; tries += 1) {
      await told.close()
      told = await there.ask(shop(2), tiny([limit(50)]), 1)
    }
    expect(waited(told).why).toBe('announced')
  })

  it('stops only the limit that it names', async () => {
    const limits = [limit(50), limit(40, 60, 'key+address')]
    const asking = tiny(limits, { scope: 'key+address' })
    const pass = passed(await here.ask(shop(1), asking, 5))
    pass.take()
    pass.answered(slowDown(30))
    await pass.close()
    expect((await here.ask(shop(2), asking, 1)).kind).toBe('wait')
    expect((await there.ask(shop(2), asking, 1)).kind).toBe('go')
  })

  it.each([
    ['in the past', -30, 1_000],
    ['a year', 365 * 86_400, 72 * 3_600_000],
    ['no time', Number.NaN, 10_000],
  ])('is kept within bounds: %s', async (_, seconds, lasts) => {
    const pass = passed(await here.ask(shop(1), tiny([limit(50)]), 5))
    pass.take()
    pass.answered(slowDown(seconds))
    await pass.close()
    expect(waited(await here.ask(shop(2), tiny([limit(50)]), 1)).inMs).toBe(lasts)
  })

  it('replaces the declared limit', async () => {
    const asking = tiny([limit(5)], { limit: 20 })
    await used(passed(await here.ask(shop(1), asking, 1)), ok)
    expect(passed(await there.ask(shop(1), asking, 99)).permits).toBe(19)
  })

  it('that nothing remains stops the pass and all others until the reset', async () => {
    const receivedAt = new Date(now)
    const asking = tiny([limit(50)], { remaining: 0, resetAt: new Date(now + 7_000) })
    const pass = passed(await here.ask(shop(1), asking, 5))
    pass.take()
    pass.answered({ answer: { ...answer(200), receivedAt }, failed: false, durationMs: 0 })
    expect(pass.take()).toBe(false)
    await pass.close()
    expect(waited(await there.ask(shop(2), asking, 1))).toEqual({ why: 'announced', inMs: 7_000 })
  })

  it('is nothing when it is nonsense, and when it cannot be read', async () => {
    const odd = { limit: -1, remaining: Number.NaN, resetAt: new Date(Number.NaN) }
    await used(passed(await here.ask(shop(1), tiny([limit(5)], odd), 1)))
    const broken = tiny([limit(5)])
    const vendor = {
      ...broken.vendor,
      announces: () => {
        throw new Error('no')
      },
    }
    await used(passed(await here.ask(shop(1), { ...broken, vendor }, 1)))
    expect(passed(await here.ask(shop(1), tiny([limit(5)]), 9)).permits).toBe(3)
  })
})

describe('a vendor without limits', () => {
  it('costs no call to the database, but for a look at the circuits once a second', async () => {
    const calls = await countCalls(test.database, async () => {
      for (let turn = 0; turn < 100; turn += 1) await used(passed(await here.ask(shop(turn), FREE, 3)))
    })
    expect(calls).toBe(1)
    now += 1_000
    expect(await countCalls(test.database, () => here.ask(shop(1), FREE, 1))).toBe(1)
  })
})

describe('a database that cannot be reached', () => {
  it('lets nothing through', async () => {
    const gone = openDatabase(test.url.replace(/:\d+\//, ':1/'))
    await expect(gate(gone, 'x').ask(shop(1), FREE, 1)).rejects.toThrow()
    await expect(gate(gone, 'x').ask(shop(1), tiny([limit(5)]), 1)).rejects.toThrow()
    await gone.close()
  })
})

describe('a circuit', () => {
  /** Lets a lane fail so often. */
  async function fail(at: Gate, lane: Lane, times: number): Promise<void> {
    const pass = passed(await at.ask(lane, FREE, times))
    for (let i = 0; i < times; i += 1) if (pass.take()) pass.answered(failure)
    await pass.close()
  }

  it('of a lane opens after five failures, ends the pass, and is seen by others within a second', async () => {
    passed(await there.ask(shop(1), FREE, 1))
    const pass = passed(await here.ask(shop(1), FREE, 50))
    for (let i = 0; i < 5; i += 1) pass.answered(failure)
    await pass.flush()
    expect(pass.take()).toBe(false)
    expect(waited(await here.ask(shop(1), FREE, 1)).why).toBe('lane_circuit')
    now += 1_000
    const { why, inMs } = waited(await there.ask(shop(1), FREE, 1))
    expect(why).toBe('lane_circuit')
    expect(inMs).toBeGreaterThan(6_900)
    expect(inMs).toBeLessThanOrEqual(9_000)
    expect((await there.ask(shop(2), FREE, 1)).kind).toBe('go')
  })

  it('of a vendor opens for all when two lanes fail, and not for one', async () => {
    await fail(here, shop(1), 5)
    now += 30_000
    expect((await here.ask(shop(2), FREE, 1)).kind).toBe('go')
    await fail(here, shop(2), 5)
    expect(waited(await here.ask(shop(3), FREE, 1)).why).toBe('vendor_circuit')
    expect((await here.ask({ shopId: 3, vendor: 'another' }, FREE, 1)).kind).toBe('go')
  })

  it('does not open for 429 and other answers', async () => {
    const pass = passed(await here.ask(shop(1), FREE, 99))
    for (let i = 0; i < 99; i += 1) pass.answered({ answer: answer(429), failed: false })
    await pass.close()
    expect((await here.ask(shop(1), FREE, 1)).kind).toBe('go')
  })

  it('lets exactly one try once its rest is over, and closes when that works', async () => {
    await fail(here, shop(1), 5)
    now += 10_000
    const limited = tiny([limit(5)])
    const asked = await Promise.all([here.ask(shop(1), limited, 5), there.ask(shop(1), FREE, 5)])
    const probes = asked.filter(each => each.kind === 'go')
    expect(probes).toHaveLength(1)
    const [probe] = probes
    expect(probe).toMatchObject({ permits: 1, probe: true })
    expect((await there.ask(shop(1), FREE, 1)).kind).toBe('wait')
    if (probe) await used(passed(probe))
    now += 1_000
    expect(passed(await here.ask(shop(1), FREE, 3))).toMatchObject({ permits: 3, probe: false })
    expect(passed(await there.ask(shop(1), FREE, 3))).toMatchObject({ permits: 3, probe: false })
  })

  it('rests longer when the try fails', async () => {
    await fail(here, shop(1), 5)
    now += 10_000
    await used(passed(await there.ask(shop(1), FREE, 1)), failure)
    const { inMs } = waited(await there.ask(shop(1), FREE, 1))
    expect(inMs).toBeGreaterThanOrEqual(16_000)
    expect(inMs).toBeLessThanOrEqual(20_000)
  })

  it('lets another try when the one who tried had nothing to send, or died', async () => {
    await fail(here, shop(1), 5)
    now += 10_000
    await passed(await here.ask(shop(1), FREE, 1)).close()
    passed(await there.ask(shop(1), FREE, 1))
    now += 54_000
    expect(waited(await here.ask(shop(1), FREE, 1)).why).toBe('lane_circuit')
    now += 2_000
    expect(passed(await here.ask(shop(1), FREE, 1)).probe).toBe(true)
  })

  it('takes no permit from one who may not try', async () => {
    await fail(here, shop(1), 5)
    now += 10_000
    const first = passed(await here.ask(shop(1), tiny([limit(2)]), 1))
    waited(await there.ask(shop(1), tiny([limit(2)]), 1))
    await first.close()
    expect(passed(await there.ask(shop(2), tiny([limit(2)]), 9)).permits).toBe(2)
  })

  it('starts anew after it closed: one more failure does not open it', async () => {
    await fail(here, shop(1), 5)
    now += 10_000
    await used(passed(await there.ask(shop(1), FREE, 1)))
    now += 1_000
    await fail(here, shop(1), 1)
    expect((await here.ask(shop(1), FREE, 1)).kind).toBe('go')
  })

  it('costs a dead vendor’s thousand lanes a few time-outs, not one each', async () => {
    let timeOuts = 0
    for (let lane = 1; lane <= 1_000; lane += 1) {
      const asked = await here.ask(shop(lane), FREE, 1)
      if (asked.kind === 'wait') continue
      timeOuts += 1
      asked.take()
      asked.answered({ answer: null, failed: true, durationMs: 30_000 })
      await asked.close()
    }
    expect(timeOuts).toBeLessThanOrEqual(4)
  })
})

describe('housekeeping', () => {
  it('forgets what has counted nothing for a day, and nothing else', async () => {
    await used(passed(await here.ask(shop(1), tiny([limit(5)], null, 'old'), 1)))
    await used(passed(await here.ask(shop(1), tiny([limit(5)], null, 'new'), 1)))
    const { pool } = test.database
    const [old] = (await pool.query('select key from allowances order by key')).rows
    await pool.query(`update allowances set idle_from = now() - interval '25 hours' where key = $1`, [
      old.key,
    ])
    await pool.query(`update allowances set idle_from = now() where key <> $1`, [old.key])
    expect(await forgetIdleAllowances(pool)).toBe(1)
    expect((await pool.query('select 1 from allowances')).rowCount).toBe(1)
  })
})
