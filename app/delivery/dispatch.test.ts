import { PgBoss } from 'pg-boss'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { type TestDatabase, testDatabase } from '../db/testing.ts'
import { createLog } from '../log.ts'
import { type Engine, SLOTS, SLOTS_PER_VENDOR, startEngine } from './engine.ts'
import { type Lane, laneKey } from './lane.ts'

/** Much longer than anything takes, for a machine that is busy with other things. */
const PATIENT = { timeout: 25_000 }
/** Things are looked at more often than usual; a missed heartbeat stays ten seconds. */
const HURRY = { touchMs: 500, superviseSeconds: 1, graceMs: 3_000 }

let test: TestDatabase
let engines: Engine[]
/** Those that a test has stopped itself. */
let stopped: Set<Engine>
let drains: Running[]
let most: Map<string, number>
/** A drain as it was begun; it goes on until it is ended, or its lane lost. */
type Running = { lane: Lane; node: number; lost: AbortSignal; over: boolean; end(error?: Error): void }

beforeAll(async () => {
  test = await testDatabase()
})
afterAll(() => test.drop())
beforeEach(() => {
  engines = []
  stopped = new Set()
  drains = []
  most = new Map()
})
afterEach(async () => {
  vi.restoreAllMocks()
  for (const drain of drains) drain.end()
  await Promise.all(engines.flatMap(engine => (stopped.has(engine) ? [] : engine.stop())))
  await test.database.pool.query('delete from pgboss.job')
})

const running = (by: (drain: Running) => boolean = () => true) =>
  drains.filter(drain => !drain.over && by(drain))
function note(key: string, count: number) {
  most.set(key, Math.max(most.get(key) ?? 0, count))
}

/** A node that drains. @returns its engine */
async function startNode(): Promise<Engine> {
  const engine = await startEngine(test.url, createLog('silent'), true, HURRY)
  const node = engines.push(engine)
  const drain = (lane: Lane, lost: AbortSignal) =>
    new Promise<void>((done, failed) => {
      const mine: Running = {
        lane,
        node,
        lost,
        over: false,
        end(error) {
          mine.over = true
          if (error) failed(error)
          else done()
        },
      }
      drains.push(mine)
      note(laneKey(lane), running(other => laneKey(other.lane) === laneKey(lane)).length)
      note(lane.vendor, running(other => other.lane.vendor === lane.vendor).length)
      lost.addEventListener('abort', () => mine.end())
    })
  await engine.work({ drain, chores: [] })
  return engine
}
const of = (shopId: number, vendor = 'tiny'): Lane => ({ shopId, vendor })
const begun = (lane: Lane) => drains.filter(drain => laneKey(drain.lane) === laneKey(lane)).length

describe('a lane', () => {
  it('is drained by one worker at a time, and again for what was signalled meanwhile', async () => {
    const [one, other] = await Promise.all([startNode(), startNode()])
    await one.signal(of(1))
    await expect.poll(() => begun(of(1)), PATIENT).toBe(1)
    for (let n = 0; n < 10; n++) await (n % 2 ? one : other).signal(of(1))
    // Others are taken meanwhile, by both nodes: both had the chance to take this one too.
    for (let shop = 2; shop <= 40; shop++) await one.signal(of(shop))
    await expect.poll(() => new Set(running().map(({ node }) => node)).size, PATIENT).toBe(2)
    await expect
      .poll(() => {
        for (const drain of running(({ lane }) => lane.shopId !== 1)) drain.end()
        return new Set(drains.map(({ lane }) => lane.shopId)).size
      }, PATIENT)
      .toBe(40)
    expect(begun(of(1))).toBe(1)
    drains.find(({ lane }) => lane.shopId === 1)?.end()
    await expect.poll(() => begun(of(1)), PATIENT).toBe(2)
    expect(most.get(laneKey(of(1)))).toBe(1)
  })

  it('whose drain throws is drained again', async () => {
    const engine = await startNode()
    await engine.signal(of(1))
    await expect.poll(() => begun(of(1)), PATIENT).toBe(1)
    drains[0]?.end(new Error('failed'))
    await expect.poll(() => begun(of(1)), PATIENT).toBe(2)
    drains[1]?.end()
    await expect.poll(() => engine.lanesWithJobs(), PATIENT).toEqual([])
  })

  it('that is signalled for later waits until something wakes it', async () => {
    const engine = await startNode()
    await engine.signal(of(1), { at: new Date(Date.now() + 3_600_000) })
    await engine.signal(of(2))
    await expect.poll(() => begun(of(2)), PATIENT).toBe(1)
    expect(begun(of(1))).toBe(0)
    await engine.signal(of(1))
    await expect.poll(() => begun(of(1)), PATIENT).toBe(1)
  })

  it('is drained when its time comes', async () => {
    const engine = await startNode()
    const at = Date.now() + 1_500
    await engine.signal(of(1), { at: new Date(at) })
    await expect.poll(() => begun(of(1)), PATIENT).toBe(1)
    expect(Date.now()).toBeGreaterThanOrEqual(at - 100)
  })
})

describe('lanes that have only replays to do', () => {
  /** Fills every slot of the node, so that what is signalled then waits. @returns the lanes in their order, once they are drained */
  async function orderOf(signals: (engine: Engine) => Promise<void>, count: number): Promise<number[]> {
    const engine = await startNode()
    for (let n = 0; n < SLOTS; n++) await engine.signal(of(n, `vendor-${Math.floor(n / SLOTS_PER_VENDOR)}`))
    await expect.poll(() => running().length, PATIENT).toBe(SLOTS)
    await signals(engine)
    const [first] = running()
    first?.end()
    const taken = () => drains.filter(({ lane }) => lane.vendor === 'tiny')
    await expect
      .poll(() => {
        taken().at(-1)?.end()
        return taken().length
      }, PATIENT)
      .toBe(count)
    return taken().map(({ lane }) => lane.shopId)
  }

  it('come after those that have live events, though they were signalled first', async () => {
    const order = await orderOf(async engine => {
      for (const shop of [1, 2]) await engine.signal(of(shop), { background: true })
      for (const shop of [3, 4]) await engine.signal(of(shop))
    }, 4)
    expect(order.slice(0, 2).sort()).toEqual([3, 4])
  })

  it('come with the others once something live is in them', async () => {
    const order = await orderOf(async engine => {
      for (const shop of [1, 2, 3]) await engine.signal(of(shop), { background: true })
      await engine.signal(of(3))
    }, 3)
    expect(order[0]).toBe(3)
  })
})

describe('a vendor', () => {
  it('that is slow has no more than its share of lanes drained at once, and others go on beside them', async () => {
    const engine = await startNode()
    for (let shop = 1; shop <= 30; shop++) await engine.signal(of(shop, 'slow'))
    const slow = () => running(({ lane }) => lane.vendor === 'slow')
    await expect.poll(() => slow().length, PATIENT).toBe(SLOTS_PER_VENDOR)
    await engine.signal(of(1, 'fast'))
    await expect.poll(() => begun(of(1, 'fast')), PATIENT).toBe(1)
    for (let freed = 1; freed <= 5; freed++) {
      slow()[0]?.end()
      await expect
        .poll(() => drains.filter(({ lane }) => lane.vendor === 'slow').length, PATIENT)
        .toBeGreaterThanOrEqual(SLOTS_PER_VENDOR + freed)
    }
    await engine.signal(of(2, 'fast'))
    await expect.poll(() => begun(of(2, 'fast')), PATIENT).toBe(1)
    expect(most.get('slow')).toBe(SLOTS_PER_VENDOR)
  })
})

describe('a worker that is told to stop', () => {
  it('takes no new lane, and gives back what does not end: another drains it within seconds', async () => {
    const leaving = await startNode()
    await leaving.signal(of(1))
    await expect.poll(() => begun(of(1)), PATIENT).toBe(1)
    const staying = await startNode()
    stopped.add(leaving)
    const stopping = leaving.stop()
    await staying.signal(of(2))
    await expect.poll(() => drains.find(({ lane }) => lane.shopId === 2)?.node, PATIENT).toBe(2)
    expect(drains[0]?.lost.aborted).toBe(false)
    await stopping
    const gone = Date.now()
    expect(drains[0]?.lost.aborted).toBe(true)
    await expect.poll(() => running(({ lane }) => lane.shopId === 1)[0]?.node, PATIENT).toBe(2)
    expect(Date.now() - gone).toBeLessThan(5_000)
    expect(begun(of(1))).toBe(2)
  }, 60_000)
})

describe('a worker that falls silent', () => {
  /** Cuts the first node that gives a heartbeat off from what is named: `begun` says that it has, `end` ends it. */
  function silence(...names: readonly ('touch' | 'fetch')[]) {
    let silent: PgBoss | null = null
    let isSilent = true
    for (const name of names) {
      const real = PgBoss.prototype[name] as (...given: unknown[]) => Promise<unknown>
      vi.spyOn(PgBoss.prototype, name).mockImplementation(function (this: PgBoss, ...given: unknown[]) {
        if (name === 'touch') silent ??= this
        if (this === silent && isSilent) return Promise.reject(new Error('silent'))
        return real.apply(this, given) as never
      })
    }
    return {
      begun: () => silent !== null,
      end() {
        isSilent = false
      },
    }
  }

  /** As if ten seconds had passed since the last heartbeat of everything that is being drained. */
  const tenSecondsLater = () =>
    test.database.pool.query(
      `update pgboss.job set heartbeat_on = heartbeat_on - interval '10 seconds' where state = 'active'`,
    )

  it('loses its lane to another, and learns it as soon as it can be heard again', async () => {
    const { begun: isSilent, end } = silence('touch', 'fetch')
    const one = await startNode()
    await one.signal(of(1))
    await expect.poll(isSilent, PATIENT).toBe(true)
    await startNode()
    await tenSecondsLater()
    await expect.poll(() => drains.map(({ node }) => node), PATIENT).toEqual([1, 2])
    expect(drains[0]?.lost.aborted).toBe(false)
    end()
    await expect.poll(() => drains[0]?.lost.aborted, PATIENT).toBe(true)
    expect(drains[1]?.lost.aborted).toBe(false)
    expect(begun(of(1))).toBe(2)
  }, 60_000)

  it('and is given its own lane again breaks off the drain that it had begun', async () => {
    silence('touch')
    const one = await startNode()
    await one.signal(of(1))
    await expect.poll(() => begun(of(1)), PATIENT).toBe(1)
    await tenSecondsLater()
    await expect.poll(() => begun(of(1)), PATIENT).toBe(2)
    expect(drains.map(({ lost }) => lost.aborted)).toEqual([true, false])
  }, 60_000)
})
