import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { acceptCredentials, switchLane } from './lane-state.ts'
import { refuse } from './testing.ts'
import { twoShops } from './testing-shops.ts'
import { beginTurn } from './turn.ts'

const shops = twoShops()
const { connect, lane, pool } = shops
let ahead: number
let stopping: boolean
const pass = (ms: number) => {
  ahead += ms
}
async function begin() {
  const turn = await beginTurn(pool(), lane(), () => stopping)
  if (!turn) throw new Error('not connected')
  return turn
}

beforeEach(async () => {
  await connect()
  stopping = false
  ahead = 0
  const start = Math.floor(performance.now())
  vi.spyOn(performance, 'now').mockImplementation(() => start + ahead)
})
afterEach(() => {
  vi.restoreAllMocks()
})

describe('a turn', () => {
  it('is of a lane that is connected', async () => {
    expect((await begin()).row).toMatchObject({ vendor: 'tiny', enabled: true, attention: null })
    expect(await beginTurn(pool(), { shopId: shops.one, vendor: 'other' }, () => false)).toBeNull()
  })

  it('goes on while nothing is changed', async () => {
    const turn = await begin()
    for (let n = 0; n < 5; n++) {
      expect(await turn.mayGoOn()).toBe(true)
      pass(600)
    }
  })

  it('is over after a second', async () => {
    const turn = await begin()
    expect(turn.leftMs()).toBe(1_000)
    pass(999)
    expect(turn.leftMs()).toBe(1)
    pass(2)
    expect(turn.leftMs()).toBe(-1)
  })

  it('ends when another worker begins one, as soon as its look at the lane is old', async () => {
    const frozen = await begin()
    const other = await begin()
    pass(500)
    expect(await frozen.mayGoOn()).toBe(false)
    expect(await other.mayGoOn()).toBe(true)
    pass(500)
    expect(await frozen.mayGoOn()).toBe(false)
    expect(await other.mayGoOn()).toBe(true)
  })

  it('that was found to be over stays so, however soon it is asked again, and has no time left', async () => {
    const turn = await begin()
    await begin()
    pass(500)
    expect(await turn.mayGoOn()).toBe(false)
    pass(1)
    expect(await turn.mayGoOn()).toBe(false)
    expect(turn.leftMs()).toBe(0)
  })

  it('that was found to be over is not begun anew by a lane that is switched on again', async () => {
    const turn = await begin()
    await switchLane(pool(), lane(), false)
    pass(500)
    expect(await turn.mayGoOn()).toBe(false)
    await switchLane(pool(), lane(), true)
    pass(400)
    expect(await turn.mayGoOn()).toBe(false)
    pass(500)
    expect(await turn.mayGoOn()).toBe(false)
  })

  it('that waited long for an answer about its lane counts from when it asked', async () => {
    const turn = await begin()
    const query = vi.spyOn(pool(), 'query')
    pass(500)
    const asking = turn.mayGoOn()
    pass(500)
    expect(await asking).toBe(true)
    await turn.mayGoOn()
    expect(query).toHaveBeenCalledTimes(2)
  })

  it.each([
    ['is switched off', () => switchLane(pool(), lane(), false)],
    ['has its credentials refused', () => refuse(pool(), lane(), 'Wrong key.')],
    ['is disconnected', () => pool().query('delete from connections')],
  ])('ends half a second after its lane %s', async (_, stop) => {
    const turn = await begin()
    await stop()
    pass(500)
    expect(await turn.mayGoOn()).toBe(false)
  })

  it('told to wait pauses its lane, for so long or until then', async () => {
    const turn = await begin()
    const until = new Date('2099-01-01T00:00:00.000Z')
    await turn.pause({ until })
    expect((await begin()).pausedUntil).toEqual(until)
    await (await begin()).pause({ forMs: 60_000 })
    const { pausedUntil } = await begin()
    expect(pausedUntil?.getTime()).toBeGreaterThan(Date.now() + 50_000)
    expect(pausedUntil?.getTime()).toBeLessThan(Date.now() + 70_000)
  })

  it.each([
    ['new settings were saved', () => connect()],
    ['a test succeeded', () => acceptCredentials(pool(), lane())],
    ['another worker began one', () => begin()],
  ])('told to wait before %s pauses nothing after it', async (_, change) => {
    const turn = await begin()
    await change()
    await turn.pause({ forMs: 60_000 })
    expect((await begin()).pausedUntil).toBeNull()
  })

  it('looks again no sooner, and once for all who ask at the same moment', async () => {
    const turn = await begin()
    const query = vi.spyOn(pool(), 'query')
    pass(499)
    await turn.mayGoOn()
    expect(query).not.toHaveBeenCalled()
    pass(1)
    expect(await Promise.all(Array.from({ length: 8 }, () => turn.mayGoOn()))).toEqual(Array(8).fill(true))
    expect(query).toHaveBeenCalledTimes(1)
    pass(499)
    await turn.mayGoOn()
    expect(query).toHaveBeenCalledTimes(1)
  })

  it('ends at once when this process stops, also while it looks', async () => {
    const turn = await begin()
    pass(600)
    const asking = turn.mayGoOn()
    stopping = true
    expect(await asking).toBe(false)
    expect(await turn.mayGoOn()).toBe(false)
  })

  it('does not go on where it cannot look', async () => {
    const turn = await begin()
    pass(600)
    vi.spyOn(pool(), 'query').mockImplementationOnce(() => {
      throw new Error('away')
    })
    await expect(turn.mayGoOn()).rejects.toThrow('away')
    expect(await turn.mayGoOn()).toBe(true)
  })
})
