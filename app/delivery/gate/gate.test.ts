/** The gate on a real PostgreSQL: permits over two nodes, and what answers say. */
import { describe, expect, it, vi } from 'vitest'
import { type Database, openDatabase } from '../../db/database.ts'
import { answer } from '../../vendors/testing.ts'
import { HOLD_MS, USABLE_MS } from './allowance.ts'
import { forgetIdleAllowances, type Pass, type Wait } from './gate.ts'
import { FREE, limit, ok, passed, shop, tiny, twoNodes, used, waited } from './testing.ts'

const nodes = twoNodes()

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
    const pass = passed(await nodes.here.ask(shop(1), tiny([limit(5)]), 9))
    expect(pass).toMatchObject({ permits: 5, probe: false })
    await used(pass)
    expect(waited(await nodes.here.ask(shop(1), tiny([limit(5)]), 1))).toEqual({
      why: 'limit',
      until: nodes.now + 60_000,
    })
    nodes.now += 60_000
    expect(passed(await nodes.here.ask(shop(1), tiny([limit(5)]), 1)).permits).toBe(1)
  })

  it('are shared with another shop that has the same credentials, on another node', async () => {
    passed(await nodes.here.ask(shop(1), tiny([limit(5)]), 3))
    expect(passed(await nodes.there.ask(shop(2), tiny([limit(5)]), 3)).permits).toBe(2)
    expect(passed(await nodes.there.ask(shop(2), tiny([limit(5)], null, 'another'), 3)).permits).toBe(3)
  })

  it('of one address are shared by all shops of a node, and by no other node', async () => {
    const byAddress = tiny([limit(5, 5, 'address')], null, 'a')
    const another = tiny([limit(5, 5, 'address')], null, 'b')
    await used(passed(await nodes.here.ask(shop(1), byAddress, 4)))
    expect(passed(await nodes.here.ask(shop(2), another, 4)).permits).toBe(1)
    expect(passed(await nodes.there.ask(shop(2), another, 4)).permits).toBe(4)
  })

  it('of several limits are as many as the least gives, and none is taken where one refuses', async () => {
    const both = tiny([limit(10), limit(3, 60, 'key+address')])
    expect(passed(await nodes.here.ask(shop(1), both, 9)).permits).toBe(3)
    expect(waited(await nodes.here.ask(shop(2), both, 9)).why).toBe('limit')
    expect(passed(await nodes.there.ask(shop(2), both, 9)).permits).toBe(3)
    expect(passed(await nodes.there.ask(shop(3), tiny([limit(10)]), 9)).permits).toBe(4)
  })

  it('that are not used are given back', async () => {
    const pass = passed(await nodes.here.ask(shop(1), tiny([limit(5)]), 5))
    expect(pass.take()).toBe(true)
    pass.answered(ok)
    await pass.close()
    await pass.close()
    expect(passed(await nodes.here.ask(shop(2), tiny([limit(5)]), 9)).permits).toBe(4)
    expect(pass.take()).toBe(false)
  })

  it('whose request is not answered when the pass is closed stay taken', async () => {
    const pass = passed(await nodes.here.ask(shop(1), tiny([limit(5)]), 2))
    pass.take()
    await pass.close()
    nodes.now += 60_000
    expect(passed(await nodes.here.ask(shop(1), tiny([limit(5)]), 9)).permits).toBe(4)
  })

  it('of a process that died count for the longest time a request could take, and the window', async () => {
    passed(await nodes.here.ask(shop(1), tiny([limit(5)]), 5))
    nodes.now += HOLD_MS + 59_999
    expect(waited(await nodes.there.ask(shop(1), tiny([limit(5)]), 1)).why).toBe('limit')
    nodes.now += 1
    expect(passed(await nodes.there.ask(shop(1), tiny([limit(5)]), 9)).permits).toBe(5)
  })

  it('that are too old are not used', async () => {
    const pass = passed(await nodes.here.ask(shop(1), tiny([limit(5)]), 5))
    expect(pass.take()).toBe(true)
    nodes.now += USABLE_MS + 1
    expect(pass.take()).toBe(false)
  })

  it('are free again when they were taken for a request that was not made', async () => {
    const pass = passed(await nodes.here.ask(shop(1), tiny([limit(2)]), 2))
    pass.take()
    pass.take()
    pass.untake()
    pass.answered(ok)
    await pass.close()
    expect(passed(await nodes.there.ask(shop(2), tiny([limit(2)]), 9)).permits).toBe(1)
  })

  it('are settled in part by flush, at the time of each answer', async () => {
    const pass = passed(await nodes.here.ask(shop(1), tiny([limit(2)]), 2))
    pass.take()
    pass.answered(ok)
    nodes.now += 10_000
    await pass.flush()
    nodes.now += 50_000
    expect(passed(await nodes.there.ask(shop(2), tiny([limit(2)]), 9)).permits).toBe(1)
  })
})

describe('a database that fails while permits are settled', () => {
  it('gives nothing back, and counts what was answered once it is there again', async () => {
    const pass = passed(await nodes.here.ask(shop(1), tiny([limit(5)]), 4))
    pass.take()
    pass.answered(ok)
    vi.spyOn(nodes.test.database.pool, 'connect').mockImplementationOnce(() => {
      throw new Error('gone')
    })
    await expect(pass.close()).rejects.toThrow('gone')
    await pass.close()
    await pass.close()
    // Whether the first attempt was committed is not known: four permits count on, and one answer.
    expect(waited(await nodes.here.ask(shop(2), tiny([limit(5)]), 9)).why).toBe('limit')
    nodes.now += 60_000
    expect(passed(await nodes.here.ask(shop(2), tiny([limit(5)]), 9)).permits).toBe(1)
  })
})

describe('what an answer says', () => {
  const slowDown = (seconds: number, at = new Date(nodes.now)) => ({
    answer: { ...answer(429), receivedAt: at },
    failed: false,
    wholeLane: true,
    notBefore: new Date(at.getTime() + seconds * 1000),
  })

  it('stops the other shop with the same key at once, to the second, by whatever clock the node has', async () => {
    const asking = tiny([limit(50), limit(40, 60, 'key+address')])
    const pass = passed(await nodes.here.ask(shop(1), asking, 5))
    pass.take()
    const wrongClock = new Date(nodes.now - 3_600_000)
    pass.answered(slowDown(30, wrongClock))
    expect(pass.take()).toBe(false)
    await pass.flush()
    expect(waited(await nodes.there.ask(shop(2), asking, 1))).toEqual({
      why: 'announced',
      until: nodes.now + 30_000,
    })
    nodes.now += 29_999
    expect(waited(await nodes.there.ask(shop(3), asking, 1)).why).toBe('announced')
    nodes.now += 1
    expect((await nodes.there.ask(shop(2), asking, 1)).kind).toBe('go')
  })

  it('is known to others before the pass is closed', async () => {
    const pass = passed(await nodes.here.ask(shop(1), tiny([limit(50)]), 5))
    pass.take()
    pass.answered(slowDown(30))
    let told: Pass | Wait = await nodes.there.ask(shop(2), tiny([limit(50)]), 1)
    for (let tries = 0; told.kind === 'go' && tries < 1_000; tries += 1) {
      await told.close()
      told = await nodes.there.ask(shop(2), tiny([limit(50)]), 1)
    }
    expect(waited(told).why).toBe('announced')
  })

  it('stops only the limit that it names', async () => {
    const limits = [limit(50), limit(40, 60, 'key+address')]
    const asking = tiny(limits, { scope: 'key+address' })
    const pass = passed(await nodes.here.ask(shop(1), asking, 5))
    pass.take()
    pass.answered(slowDown(30))
    await pass.close()
    expect((await nodes.here.ask(shop(2), asking, 1)).kind).toBe('wait')
    expect((await nodes.there.ask(shop(2), asking, 1)).kind).toBe('go')
  })

  it.each([
    ['in the past', -30, 1_000],
    ['a year', 365 * 86_400, 72 * 3_600_000],
    ['no time', Number.NaN, 10_000],
  ])('is kept within bounds: %s', async (_, seconds, lasts) => {
    const pass = passed(await nodes.here.ask(shop(1), tiny([limit(50)]), 5))
    pass.take()
    pass.answered(slowDown(seconds))
    await pass.close()
    expect(waited(await nodes.here.ask(shop(2), tiny([limit(50)]), 1)).until).toBe(nodes.now + lasts)
  })

  it('replaces the declared limit', async () => {
    const asking = tiny([limit(5)], { limit: 20 })
    await used(passed(await nodes.here.ask(shop(1), asking, 1)), ok)
    expect(passed(await nodes.there.ask(shop(1), asking, 99)).permits).toBe(19)
  })

  it('that nothing remains stops the pass and all others until the reset', async () => {
    const receivedAt = new Date(nodes.now)
    const asking = tiny([limit(50)], { remaining: 0, resetAt: new Date(nodes.now + 7_000) })
    const pass = passed(await nodes.here.ask(shop(1), asking, 5))
    pass.take()
    pass.answered({ answer: { ...answer(200), receivedAt }, failed: false, durationMs: 0 })
    expect(pass.take()).toBe(false)
    await pass.close()
    expect(waited(await nodes.there.ask(shop(2), asking, 1))).toEqual({
      why: 'announced',
      until: nodes.now + 7_000,
    })
  })

  it('is nothing when it is nonsense, and when it cannot be read', async () => {
    const odd = { limit: -1, remaining: Number.NaN, resetAt: new Date(Number.NaN) }
    await used(passed(await nodes.here.ask(shop(1), tiny([limit(5)], odd), 1)))
    const broken = tiny([limit(5)])
    const vendor = {
      ...broken.vendor,
      announces: () => {
        throw new Error('no')
      },
    }
    await used(passed(await nodes.here.ask(shop(1), { ...broken, vendor }, 1)))
    expect(passed(await nodes.here.ask(shop(1), tiny([limit(5)]), 9)).permits).toBe(3)
  })
})

describe('a vendor without limits', () => {
  it('costs no call to the database, but for a look at the circuits once a second', async () => {
    const calls = await countCalls(nodes.test.database, async () => {
      for (let turn = 0; turn < 100; turn += 1) await used(passed(await nodes.here.ask(shop(turn), FREE, 3)))
    })
    expect(calls).toBe(1)
    nodes.now += 1_000
    expect(await countCalls(nodes.test.database, () => nodes.here.ask(shop(1), FREE, 1))).toBe(1)
  })
})

describe('a database that cannot be reached', () => {
  it('lets nothing through', async () => {
    const gone = openDatabase(nodes.test.url.replace(/:\d+\//, ':1/'))
    await expect(nodes.gateOn(gone, 'x').ask(shop(1), FREE, 1)).rejects.toThrow()
    await expect(nodes.gateOn(gone, 'x').ask(shop(1), tiny([limit(5)]), 1)).rejects.toThrow()
    await gone.close()
  })
})

describe('housekeeping', () => {
  it('forgets what has counted nothing for a day, and nothing else', async () => {
    await used(passed(await nodes.here.ask(shop(1), tiny([limit(5)], null, 'old'), 1)))
    await used(passed(await nodes.here.ask(shop(1), tiny([limit(5)], null, 'new'), 1)))
    const { pool } = nodes.test.database
    const [old] = (await pool.query('select key from allowances order by key')).rows
    await pool.query(`update allowances set idle_from = now() - interval '25 hours' where key = $1`, [
      old.key,
    ])
    await pool.query(`update allowances set idle_from = now() where key <> $1`, [old.key])
    expect(await forgetIdleAllowances(pool)).toBe(1)
    expect((await pool.query('select 1 from allowances')).rowCount).toBe(1)
  })
})
