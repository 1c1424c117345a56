import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestDatabase, testDatabase } from '../db/testing.ts'
import { createLog } from '../log.ts'
import { type Engine, startEngine } from './engine.ts'
import type { Again, Task } from './tasks.ts'

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
function kept(name: string, again: (run: number) => Again | null | Promise<never> = () => null) {
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
    // Twice each where asking takes no time; on a busy machine some are asked for after they were done.
    expect(first.keys.length).toBeLessThan(asked.length / 2)
  })

  it('is done again when it says so', async () => {
    const twice = kept('twice', run => (run === 1 ? { seconds: 0.5 } : null))
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

  it('of a group with one key is done while another group has hundreds, and few of these at once', async () => {
    const { promise: until, resolve: end } = Promise.withResolvers<void>()
    const done: string[] = []
    const now = { first: 0, most: 0 }
    const task: Task = {
      name: 'shared',
      async run(key) {
        if (key.startsWith('1:')) {
          now.most = Math.max(now.most, ++now.first)
          if (done.length < 20) await until
          now.first--
        }
        done.push(key)
        return null
      },
    }
    const engine = await node(task)
    await Promise.all(Array.from({ length: 300 }, (_, n) => engine.ask('shared', `1:${n}`)))
    await expect.poll(() => now.first, { timeout: 20_000 }).toBe(2)
    await engine.ask('shared', '2:7')
    await seen(done).toEqual(['2:7'])
    end()
    // Not so many in each second: there is no pause after those that were begun together.
    await expect.poll(() => done.length, { timeout: 20_000 }).toBe(301)
    expect(now.most).toBe(2)
  }, 60_000)

  it('of a group that is to rest goes back, with nothing else of its group begun meanwhile', async () => {
    const done: string[] = []
    const task: Task = {
      name: 'resting',
      async run(key) {
        done.push(key)
        return key.startsWith('1:') ? { seconds: 3600, groupRests: true } : null
      },
    }
    const engine = await node(task)
    await Promise.all(Array.from({ length: 40 }, (_, n) => engine.ask('resting', `1:${n}`)))
    await expect.poll(() => done.length, { timeout: 20_000 }).toBeGreaterThan(0)
    await engine.ask('resting', '2:7')
    await expect.poll(() => done, { timeout: 20_000 }).toContain('2:7')
    expect(done.length).toBeLessThanOrEqual(4)
  })
})
