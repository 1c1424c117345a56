import fc from 'fast-check'
import type { Job } from 'pg-boss'
import { describe, expect, it } from 'vitest'
import { type Fetch, inTurn, oldestFirst, type Picker } from './pick.ts'

/** A queue of jobs, named by their groups, the oldest first. */
function queueOf(groups: string[]) {
  const left = [...groups]
  const looks: string[][] = []
  const fetch: Fetch<object> = async (batchSize, ignored) => {
    looks.push([...ignored])
    const found: string[] = []
    for (let at = left.findIndex(group => !ignored.includes(group)); at >= 0 && found.length < batchSize; ) {
      found.push(...left.splice(at, 1))
      at = left.findIndex(group => !ignored.includes(group))
    }
    return found.map(groupId => ({ groupId }) as Job<object>)
  }
  return { left, looks, fetch }
}
const groupsOf = (jobs: readonly Job<object>[]) => jobs.map(({ groupId }) => groupId ?? '')
const many = (count: number, group: string) => Array<string>(count).fill(group)

/** Picks until nothing more is given. */
async function filled(pick: Picker<object>, fetch: Fetch<object>, running: string[], slots: number) {
  for (let more = true; more && running.length < slots; ) {
    const picked = await pick(fetch, running, slots - running.length)
    running.push(...groupsOf(picked.jobs))
    more = picked.more
  }
  return running
}

describe('groups in turn', () => {
  it('let whoever has one job before whoever has hundreds and came first', async () => {
    const { fetch } = queueOf([...many(300, 'a'), ...many(300, 'b'), 'c'])
    expect(
      await filled(
        inTurn(2, () => []),
        fetch,
        [],
        4,
      ),
    ).toEqual(['a', 'b', 'c', 'a'])
  })

  it('each have one job done before any has its next, by one slot', async () => {
    const names = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 30 })
    await fc.assert(
      fc.asyncProperty(names, async groups => {
        const { fetch } = queueOf(groups)
        const pick = inTurn<object>(2, () => [])
        const order: string[] = []
        for (
          let jobs = (await pick(fetch, [], 1)).jobs;
          jobs.length > 0;
          jobs = (await pick(fetch, [], 1)).jobs
        )
          order.push(...groupsOf(jobs))
        expect([...order].sort()).toEqual([...groups].sort())
        const kinds = new Set(groups).size
        expect(new Set(order.slice(0, kinds)).size).toBe(kinds)
      }),
    )
  })

  it('have no more done at once than they may, and nothing while they rest', async () => {
    const { fetch } = queueOf([...many(10, 'a'), ...many(10, 'b'), ...many(10, 'c')])
    const running = await filled(
      inTurn(2, () => ['b']),
      fetch,
      ['a'],
      16,
    )
    expect(running.sort()).toEqual(['a', 'a', 'c', 'c'])
  })

  it('are not looked through again and again where only one has anything to do', async () => {
    const { fetch, looks } = queueOf(many(50, 'a'))
    const pick = inTurn<object>(2, () => [])
    for (let n = 0; n < 20; n++) expect((await pick(fetch, ['a'], 15)).jobs).toHaveLength(1)
    expect(looks.filter(ignored => ignored.includes('a')).length).toBeLessThan(10)
  })
})

describe('the oldest first', () => {
  it('are several by one fetch, as long as their group has room for all of them', async () => {
    const { fetch, looks } = queueOf([...many(20, 'a'), 'b'])
    const picked = await oldestFirst<object>(8, 12)(fetch, many(9, 'a'), 31)
    expect(groupsOf(picked.jobs)).toEqual(['a', 'a', 'a'])
    expect(picked.more).toBe(true)
    const rest = await oldestFirst<object>(8, 12)(fetch, many(12, 'a'), 28)
    expect(groupsOf(rest.jobs)).toEqual(['b'])
    expect([rest.more, looks]).toEqual([false, [[], ['a']]])
  })
})
