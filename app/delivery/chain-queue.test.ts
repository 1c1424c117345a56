import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Step } from '../vendors/vendor.ts'
import { createChainQueue } from './chain-queue.ts'

const step = (name: string): Step => ({
  name,
  deliveries: [name],
  request: { method: 'POST', url: 'https://api.tiny.example/', headers: {} },
})
const chain = (...names: string[]) => names.map(step)
const namesOf = (steps: Step[] | null) => steps?.map(({ name }) => name) ?? null
const tick = () => new Promise(setImmediate)

describe('the chains of a round', () => {
  it('come in their order, and then no more', async () => {
    const queue = createChainQueue([chain('a'), chain('b')])
    expect(namesOf(await queue.next())).toEqual(['a'])
    expect(namesOf(await queue.next())).toEqual(['b'])
    expect(await queue.next()).toBeNull()
  })

  it('that have begun go on before others begin, and not before their step is recorded', async () => {
    const queue = createChainQueue([chain('a1', 'a2'), chain('b'), chain('c')])
    const a = (await queue.next()) ?? []
    a.shift()
    const recorded = Promise.withResolvers<void>()
    queue.rest(a, recorded.promise)
    expect(namesOf(await queue.next())).toEqual(['b'])
    recorded.resolve()
    await tick()
    expect(namesOf(await queue.next())).toEqual(['a2'])
    expect(namesOf(await queue.next())).toEqual(['c'])
  })

  it('are waited for while one may still go on', async () => {
    const queue = createChainQueue([chain('a1', 'a2')])
    const a = (await queue.next()) ?? []
    a.shift()
    const recorded = Promise.withResolvers<void>()
    queue.rest(a, recorded.promise)
    const waiting = [queue.next(), queue.next()]
    recorded.resolve()
    expect((await Promise.all(waiting)).map(namesOf)).toEqual([['a2'], null])
  })

  it('end with what was handed back empty', async () => {
    const queue = createChainQueue([chain('a')])
    const a = (await queue.next()) ?? []
    a.shift()
    queue.rest(a, Promise.resolve())
    expect(await queue.next()).toBeNull()
  })

  it('give every step once, each chain’s one after the other, to any number of runners', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 8 }),
        fc.integer({ min: 1, max: 5 }),
        async (lengths, runners) => {
          const chains = lengths.map((length, c) => chain(...Array.from({ length }, (_, n) => `${c}:${n}`)))
          const expected = chains.map(namesOf)
          const queue = createChainQueue(chains)
          const sent = lengths.map((): string[] => [])
          const resting = new Set<string>()
          const run = async () => {
            for (let mine = await queue.next(); mine; mine = await queue.next()) {
              const name = mine.shift()?.name ?? ''
              const [c = ''] = name.split(':')
              expect(resting.has(c)).toBe(false)
              sent[Number(c)]?.push(name)
              resting.add(c)
              queue.rest(
                mine,
                tick().then(() => void resting.delete(c)),
              )
            }
          }
          await Promise.all(Array.from({ length: runners }, run))
          expect(sent).toEqual(expected)
        },
      ),
      { numRuns: 50 },
    )
  })
})
