/** The connection by which a worker hears of signals, swallowed by the network. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { LISTEN_PACE, type ListenPace, listen } from '../../app/db/listen.ts'
import { type TestDatabase, testDatabase } from '../../app/db/testing.ts'
import { startEngine } from '../../app/delivery/engine.ts'
import { createLog } from '../../app/log.ts'
import { type Network, networkTo } from '../support/network.ts'

/** A tenth of what a worker keeps. */
const PACE = { askMs: 1_000, answerMs: 500, reconnectMs: 100 }
const NOTICED_MS = PACE.askMs + PACE.answerMs + PACE.reconnectMs
const HOUR_MS = 3_600_000
/** A machine that is busy with other things. */
const SLACK_MS = 1_500
const PATIENT = { timeout: 20_000, interval: 10 }

let test: TestDatabase
const ends: (() => Promise<unknown>)[] = []
beforeAll(async () => {
  test = await testDatabase()
})
afterAll(async () => {
  for (const end of ends.toReversed()) await end()
  await test.drop()
})

async function newNetwork(): Promise<Network> {
  const network = await networkTo(test.url)
  ends.push(network.close)
  return network
}
const notify = (channel: string) => test.database.pool.query(`notify ${channel}`)

/** @returns how often it was called so far, and what closes it */
function startListening(network: Network, channel: string, pace: ListenPace = PACE) {
  const heard = vi.fn()
  const { close } = listen(network.url, channel, heard, pace)
  ends.push(close)
  return { calls: () => heard.mock.calls.length, close }
}

/** Side by side, as each waits most of the time. */
describe.concurrent('a listener', () => {
  it('keeps a pace at which it is deaf for no longer than 16 s', () => {
    const { askMs, answerMs, reconnectMs } = LISTEN_PACE
    expect(askMs + answerMs + reconnectMs).toBeLessThanOrEqual(16_000)
  })

  it('whose connection was swallowed notices within its pace, says so, and hears again', async ({
    expect,
  }) => {
    const network = await newNetwork()
    const { calls } = startListening(network, 'noticing')
    await expect.poll(calls, PATIENT).toBe(1)
    network.forget()
    const forgotten = performance.now()
    await notify('noticing')
    await expect.poll(calls, PATIENT).toBe(2)
    expect(performance.now() - forgotten).toBeLessThan(NOTICED_MS + SLACK_MS)
    await notify('noticing')
    await expect.poll(calls, PATIENT).toBe(3)
  })

  it('tries until a connection passes again', async ({ expect }) => {
    const network = await newNetwork()
    const { calls } = startListening(network, 'trying')
    await expect.poll(calls, PATIENT).toBe(1)
    network.cut()
    await expect.poll(() => network.made('sluice-listen'), PATIENT).toBeGreaterThanOrEqual(3)
    expect(calls()).toBe(1)
    network.mend()
    await expect.poll(calls, PATIENT).toBe(2)
    await notify('trying')
    await expect.poll(calls, PATIENT).toBe(3)
  })

  it('that does not ask notices nothing', async ({ expect }) => {
    const network = await newNetwork()
    const deaf = startListening(network, 'asking', { ...PACE, askMs: HOUR_MS })
    await expect.poll(deaf.calls, PATIENT).toBe(1)
    network.forget()
    const hearing = startListening(network, 'asking')
    await expect.poll(hearing.calls, PATIENT).toBe(1)
    await notify('asking')
    await expect.poll(hearing.calls, PATIENT).toBe(2)
    expect(deaf.calls()).toBe(1)
  })

  it('closes though nobody says goodbye', async ({ expect }) => {
    const network = await newNetwork()
    const { calls, close } = startListening(network, 'closing', { ...PACE, askMs: HOUR_MS })
    await expect.poll(calls, PATIENT).toBe(1)
    network.forget()
    await close()
  })
})

describe('a worker that finds lanes by signals alone', () => {
  it('takes those that were signalled while it was deaf, and those after it', async () => {
    const network = await newNetwork()
    const start = async (url: string, supervise: boolean) => {
      const engine = await startEngine(url, createLog('silent'), supervise, { ...PACE, pollMs: HOUR_MS })
      ends.push(engine.stop)
      return engine
    }
    const worker = await start(network.url, true)
    const other = await start(test.url, false)
    const drained: number[] = []
    await worker.work({ drain: async ({ shopId }) => void drained.push(shopId), chores: [] })
    await expect.poll(() => network.made('sluice-listen'), PATIENT).toBe(1)
    const signal = (shopId: number) => other.signal({ shopId, vendor: 'tiny' })

    await signal(1)
    await expect.poll(() => drained, PATIENT).toEqual([1])
    network.forget('sluice-listen')
    await signal(2)
    await expect.poll(() => drained, PATIENT).toEqual([1, 2])
    await expect.poll(() => network.made('sluice-listen'), PATIENT).toBe(2)
    await signal(3)
    await expect.poll(() => drained, PATIENT).toEqual([1, 2, 3])
  })
})
