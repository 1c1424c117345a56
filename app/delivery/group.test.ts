import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createGroups, type Grouping, TookTooLong } from './group.ts'

/** Groups whose work ends when told to. */
type Over = Partial<Omit<Grouping<string, string>, 'run' | 'takesApart'>>

function groups(over: Over = {}) {
  const begun: { items: readonly string[]; end(error?: Error): void }[] = []
  const add = createGroups<string, string>({
    max: 3,
    parallel: 1,
    takesApart: error => (error as Error).message === 'one of them',
    run: items =>
      new Promise((resolve, reject) => {
        begun.push({ items, end: error => (error ? reject(error) : resolve(items.map(item => `${item}!`))) })
      }),
    ...over,
  })
  return { add, begun }
}
const tick = () => new Promise(setImmediate)
afterEach(() => vi.useRealTimers())

describe('groups', () => {
  it('begin at once with what comes alone', async () => {
    const { add, begun } = groups()
    const result = add('a')
    expect(begun.map(({ items }) => items)).toEqual([['a']])
    begun[0]?.end()
    expect(await result).toBe('a!')
  })

  it('gather what comes meanwhile, up to their size, and give each caller its own result', async () => {
    const { add, begun } = groups()
    const results = ['a', 'b', 'c', 'd', 'e'].map(add)
    begun[0]?.end()
    await tick()
    expect(begun[1]?.items).toEqual(['b', 'c', 'd'])
    begun[1]?.end()
    await tick()
    begun[2]?.end()
    expect(await Promise.all(results)).toEqual(['a!', 'b!', 'c!', 'd!', 'e!'])
  })

  it('run as many at once as allowed', () => {
    const { add, begun } = groups({ parallel: 2 })
    for (const item of ['a', 'b', 'c']) add(item)
    expect(begun.map(({ items }) => items)).toEqual([['a'], ['b']])
  })

  it('begin beside another only when enough waits', async () => {
    const { add, begun } = groups({ parallel: 2, enough: 2 })
    for (const item of ['a', 'b']) add(item)
    expect(begun.map(({ items }) => items)).toEqual([['a']])
    add('c')
    expect(begun[1]?.items).toEqual(['b', 'c'])
    add('d')
    begun[1]?.end()
    await tick()
    expect(begun).toHaveLength(2)
    begun[0]?.end()
    await tick()
    expect(begun[2]?.items).toEqual(['d'])
  })

  it('begin beside one that takes long though few wait', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    const { add, begun } = groups({ parallel: 2, enough: 2 })
    for (const item of ['a', 'b']) add(item)
    vi.advanceTimersByTime(49)
    expect(begun).toHaveLength(1)
    vi.advanceTimersByTime(1)
    expect(begun[1]?.items).toEqual(['b'])
  })

  it('gather what arrives in the same turn of the event loop, if told to', async () => {
    const { add, begun } = groups({ gathers: true })
    for (const item of ['a', 'b']) add(item)
    expect(begun).toEqual([])
    await tick()
    expect(begun.map(({ items }) => items)).toEqual([['a', 'b']])
  })

  it('keep apart, and in order, what has a name in common', async () => {
    const { add, begun } = groups({ namesOf: item => [item.slice(0, 1)] })
    for (const item of ['x1', 'a1', 'a2', 'b1', 'a3']) add(item)
    begun[0]?.end()
    await tick()
    expect(begun[1]?.items).toEqual(['a1', 'b1'])
    begun[1]?.end()
    await tick()
    expect(begun[2]?.items).toEqual(['a2'])
  })

  it('are taken apart when one of them may be at fault, and only that one fails', async () => {
    const { add, begun } = groups()
    const results = Promise.allSettled(['a', 'b', 'c'].map(add))
    begun[0]?.end()
    await tick()
    begun[1]?.end(new Error('one of them'))
    await tick()
    expect(begun[2]?.items).toEqual(['b'])
    begun[2]?.end(new Error('one of them'))
    await tick()
    begun[3]?.end()
    expect((await results).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  })

  it('fail together when it is nobody’s fault', async () => {
    const { add, begun } = groups()
    const results = Promise.allSettled(['a', 'b', 'c'].map(add))
    begun[0]?.end()
    await tick()
    begun[1]?.end(new Error('database gone'))
    expect((await results).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected'])
    expect(begun).toHaveLength(2)
  })

  it('let nobody wait for longer than their patience, and never begin what nobody waits for any more', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { add, begun } = groups({ max: 1, patienceMs: 1_000 })
    const results = ['a', 'b'].map(add)
    vi.advanceTimersByTime(600)
    results.push(add('c'))
    const settled = Promise.allSettled(results)
    vi.advanceTimersByTime(400)
    begun[0]?.end()
    await tick()
    expect(begun.map(({ items }) => items)).toEqual([['a'], ['c']])
    begun[1]?.end()
    const late = { status: 'rejected', reason: new TookTooLong() }
    expect(await settled).toEqual([late, late, { status: 'fulfilled', value: 'c!' }])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('that are taken apart leave out what nobody waits for any more', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { add, begun } = groups({ patienceMs: 1_000 })
    const results = Promise.allSettled(['a', 'b', 'c'].map(add))
    begun[0]?.end()
    await tick()
    vi.advanceTimersByTime(1_000)
    begun[1]?.end(new Error('one of them'))
    await tick()
    expect(begun).toHaveLength(2)
    expect((await results).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected'])
  })

  it('answer everyone exactly once, whatever fails', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ name: fc.integer({ min: 0, max: 4 }), fails: fc.boolean() }), { maxLength: 30 }),
        async items => {
          const add = createGroups<(typeof items)[number], number>({
            max: 4,
            parallel: 2,
            namesOf: item => [String(item.name)],
            takesApart: () => true,
            async run(group) {
              expect(new Set(group.map(({ name }) => name)).size).toBe(group.length)
              await tick()
              if (group.some(({ fails }) => fails)) throw new Error('fails')
              return group.map(({ name }) => name)
            },
          })
          const results = await Promise.allSettled(items.map(add))
          expect(results.map(({ status }) => status === 'rejected')).toEqual(items.map(({ fails }) => fails))
        },
      ),
      { numRuns: 50 },
    )
  })
})
