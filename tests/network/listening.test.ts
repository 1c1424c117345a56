/** The connection by which a worker hears of signals, swallowed by the network. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LISTEN_PACE, type Listener, listen } from '../../app/db/listen.ts'
import { type TestDatabase, testDatabase } from '../../app/db/testing.ts'
import { type Engine, startEngine } from '../../app/delivery/engine.ts'
import { createLog } from '../../app/log.ts'
import { type Network, networkTo } from '../support/network.ts'

/** A tenth of what a worker keeps. */
const PACE = { askMs: 1_000, answerMs: 500, reconnectMs: 100 }
const NOTICED_MS = PACE.askMs + PACE.answerMs + PACE.reconnectMs
const HOUR_MS = 3_600_000
/** A machine that is busy with other things. */
const SLACK_MS = 1_500

let test: TestDatabase
let network: Network
beforeEach(async () => {
  test = await testDatabase()
  network = await networkTo(test.url)
})
afterEach(async () => {
  await network.close()
  await test.drop()
})

describe('a listener', () => {
  const listeners: Listener[] = []
  afterEach(() => Promise.all(listeners.splice(0).map(listener => listener.close())))

  /** @returns how often it was called so far; it listens */
  async function listening(pace = PACE): Promise<() => number> {
    const heard = vi.fn()
    listeners.push(listen(network.url, 'lanes', heard, pace))
    await expect.poll(() => heard.mock.calls.length).toBe(1)
    return () => heard.mock.calls.length
  }
  const notify = () => test.database.pool.query('notify lanes')

  it('keeps a pace at which it is deaf for no longer than 16 s', () => {
    const { askMs, answerMs, reconnectMs } = LISTEN_PACE
    expect(askMs + answerMs + reconnectMs).toBeLessThanOrEqual(16_000)
  })

  it('whose connection was swallowed notices within its pace, says so, and hears again', async () => {
    const heard = await listening()
    network.forget()
    const forgotten = Date.now()
    await notify()
    await expect.poll(heard, { timeout: 10_000, interval: 10 }).toBe(2)
    expect(Date.now() - forgotten).toBeLessThan(NOTICED_MS + SLACK_MS)
    await notify()
    await expect.poll(heard).toBe(3)
  })

  it('tries until a connection passes again', async () => {
    const heard = await listening()
    network.cut()
    await expect.poll(() => network.made('sluice-listen'), { timeout: 15_000 }).toBeGreaterThanOrEqual(3)
    expect(heard()).toBe(1)
    network.mend()
    await expect.poll(heard, { timeout: 10_000 }).toBe(2)
    await notify()
    await expect.poll(heard).toBe(3)
  })

  it('that is not asked notices nothing', async () => {
    const heard = await listening({ ...PACE, askMs: HOUR_MS })
    network.forget()
    await notify()
    const other = await listening()
    await notify()
    await expect.poll(other).toBe(2)
    expect(heard()).toBe(1)
  })

  it('closes though nobody says goodbye', async () => {
    await listening({ ...PACE, askMs: HOUR_MS })
    network.forget()
    await listeners.pop()?.close()
  })
})

describe('a worker that finds lanes by signals alone', () => {
  let engines: Engine[]
  let drained: number[]
  beforeEach(async () => {
    engines = []
    drained = []
    const start = async (url: string, supervise: boolean) => {
      const engine = await startEngine(url, createLog('silent'), supervise, { ...PACE, pollMs: HOUR_MS })
      engines.push(engine)
      return engine
    }
    const worker = await start(network.url, true)
    await start(test.url, false)
    await worker.work({ drain: async ({ shopId }) => void drained.push(shopId), chores: [] })
    await expect.poll(() => network.made('sluice-listen')).toBe(1)
  })
  afterEach(() => Promise.all(engines.map(engine => engine.stop())))
  const signal = (shopId: number) => engines[1]?.signal({ shopId, vendor: 'tiny' })

  it('takes those that were signalled while it was deaf, and those after it', async () => {
    await signal(1)
    await expect.poll(() => drained).toEqual([1])
    network.forget('sluice-listen')
    await signal(2)
    await expect.poll(() => drained, { timeout: 10_000 }).toEqual([1, 2])
    expect(network.made('sluice-listen')).toBe(2)
    await signal(3)
    await expect.poll(() => drained).toEqual([1, 2, 3])
  })
})
