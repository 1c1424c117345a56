import { afterAll, beforeAll, describe, it } from 'vitest'
import { type TestDatabase, testDatabase } from '../db/testing.ts'
import { createLog } from '../log.ts'
import type { Chore } from './chores.ts'
import { type Engine, startEngine } from './engine.ts'

let test: TestDatabase
/** Of tests that go on side by side: stopped when all have ended. */
const engines: Engine[] = []
beforeAll(async () => {
  test = await testDatabase()
})
afterAll(async () => {
  await Promise.all(engines.map(engine => engine.stop()))
  await test.drop()
})

const drain = async () => {}
async function node(...chores: Chore[]): Promise<void> {
  const engine = await startEngine(test.url, createLog('silent'), true)
  engines.push(engine)
  await engine.work({ drain, chores })
}
const jobs = async (name: string, state = 'created') =>
  Number(
    (
      await test.database.pool.query('select count(*) from pgboss.job where name = $1 and state::text = $2', [
        name,
        state,
      ])
    ).rows[0].count,
  )

/** A chore that counts its rounds; `reached` settles with the round of that number. */
function counted(name: string, body: (round: number) => Promise<void> = async () => {}) {
  const waiting = new Map<number, () => void>()
  const seen = { rounds: 0, running: 0, most: 0 }
  const chore: Chore = {
    name,
    everySeconds: 1,
    async run() {
      seen.rounds += 1
      seen.running += 1
      seen.most = Math.max(seen.most, seen.running)
      waiting.get(seen.rounds)?.()
      try {
        await body(seen.rounds)
      } finally {
        seen.running -= 1
      }
    },
  }
  const reached = (round: number) =>
    new Promise<void>(done => {
      waiting.set(round, done)
      if (seen.rounds >= round) done()
    })
  return { chore, seen, reached }
}

/** Side by side, as each waits for its rounds most of the time. Each has chores of names of its own. */
describe.concurrent('a chore', () => {
  it('comes round again and again, on one of several nodes at a time', async ({ expect }) => {
    const long = counted('long', () => new Promise(done => setTimeout(done, 300)))
    await Promise.all([node(long.chore), node(long.chore)])
    await long.reached(4)
    expect(long.seen.most).toBe(1)
  })

  it('that throws comes round again, and is not armed twice', async ({ expect }) => {
    const failing = counted('failing', async () => {
      throw new Error('no')
    })
    await node(failing.chore)
    await failing.reached(3)
    expect(await jobs('failing', 'retry')).toBe(0)
    expect(await jobs('failing')).toBeLessThanOrEqual(1)
  })

  it('whose job is lost is armed again', async ({ expect }) => {
    const lost = counted('lost')
    await node(lost.chore)
    await lost.reached(1)
    await expect.poll(() => jobs('lost')).toBe(1)
    await test.database.pool.query(`delete from pgboss.job where name = 'lost'`)
    const { rounds } = lost.seen
    await lost.reached(rounds + 2)
  })

  it('is not armed twice by another node that starts', async ({ expect }) => {
    const slow = { ...counted('slow').chore, everySeconds: 3600 }
    await node(slow)
    // A node looks for chores every five seconds.
    const soon = { timeout: 15_000 }
    await expect.poll(() => jobs('slow', 'completed'), soon).toBe(1)
    await node(slow)
    await expect.poll(() => jobs('slow', 'completed'), soon).toBe(2)
    await expect.poll(() => jobs('slow')).toBe(1)
  })

  it('does not wait for another one', async ({ expect }) => {
    let release = () => {}
    const stuck = counted('stuck', () => new Promise<void>(done => (release = done)))
    const free = counted('free')
    await node(stuck.chore, free.chore)
    await stuck.reached(1)
    await free.reached(3)
    release()
    expect(stuck.seen.rounds).toBe(1)
  })
})
