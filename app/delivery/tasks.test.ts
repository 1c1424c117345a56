import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestDatabase, testDatabase } from '../db/testing.ts'
import { createLog } from '../log.ts'
import { type Engine, startEngine } from './engine.ts'
import type { Task } from './tasks.ts'

let test: TestDatabase
const engines: Engine[] = []
beforeAll(async () => {
  test = await testDatabase()
})
afterAll(async () => {
  await Promise.all(engines.map(engine => engine.stop()))
  await test.drop()
})

async function node(task: Task): Promise<Engine> {
  const engine = await startEngine(test.url, createLog('silent'), true)
  engines.push(engine)
  await engine.work({ drain: async () => {}, chores: [], tasks: [task] })
  return engine
}
/** A task that keeps the keys it was run for; `again` says when to do it once more. */
function kept(name: string, again: (run: number) => number | null | Promise<never> = () => null) {
  const keys: string[] = []
  const task: Task = {
    name,
    async run(key) {
      keys.push(key)
      return again(keys.length)
    },
  }
  return { keys, task }
}
const seen = (keys: string[]) => expect.poll(() => [...keys].sort(), { timeout: 20_000 })

describe('a task', () => {
  it('is done for each key, however often it is asked for: once, and once more if it was under way', async () => {
    const first = kept('once')
    const nodes = await Promise.all([node(first.task), node(first.task)])
    const asked = Array.from({ length: 20 }, (_, n) => nodes[n % 2]?.ask('once', `${n % 2}`))
    await Promise.all(asked)
    await expect.poll(() => [...new Set(first.keys)].sort(), { timeout: 20_000 }).toEqual(['0', '1'])
    expect(first.keys.length).toBeLessThanOrEqual(4)
  })

  it('is done again when it says so', async () => {
    const twice = kept('twice', run => (run === 1 ? 0.5 : null))
    await (await node(twice.task)).ask('twice', 'a')
    await seen(twice.keys).toEqual(['a', 'a'])
  })

  it('that throws comes again later, and keeps no other from being done', async () => {
    const broken = kept('broken', run => (run === 1 ? Promise.reject(new Error('no')) : null))
    const engine = await node(broken.task)
    await engine.ask('broken', 'a')
    await seen(broken.keys).toEqual(['a'])
    await engine.ask('broken', 'b')
    await seen(broken.keys).toEqual(['a', 'b'])
    const { rows } = await test.database.pool.query(
      `select extract(epoch from start_after - created_on)::int as wait from pgboss.job where name = 'broken' and state = 'created'`,
    )
    expect(rows).toEqual([{ wait: 60 }])
  })
})
