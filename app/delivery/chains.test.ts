import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Step } from '../vendors/vendor.ts'
import { chainsOf } from './chains.ts'

const step = (deliveries: readonly string[], subject: string | null = null): Step => ({
  name: 'event',
  deliveries,
  request: { method: 'POST', url: 'https://api.tiny.example', headers: {} },
  ...(subject !== null && { leaves: { subject, version: null } }),
})

const nobody = () => null

describe('chains', () => {
  it('are one for each step that has nothing in common with others', () => {
    const steps = [step(['a'], 'x'), step(['b'], 'y'), step(['c'])]
    expect(chainsOf(steps, nobody)).toEqual(steps.map(each => [each]))
  })

  it('join what a later step ties together, in the order of the steps', () => {
    const [one, other, between, alone] = [step(['a']), step(['b']), step(['a', 'b']), step(['c'])]
    expect(chainsOf([one, alone, other, between], nobody)).toEqual([[one, other, between], [alone]])
  })

  it('do not take a delivery for a subject of the same name', () => {
    expect(chainsOf([step(['a']), step(['b'], 'a')], nobody)).toHaveLength(2)
  })

  it('of nothing are none', () => {
    expect(chainsOf([], nobody)).toEqual([])
  })

  const steps = fc
    .array(
      fc.record({
        deliveries: fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'), {
          minLength: 1,
          maxLength: 3,
        }),
        subject: fc.option(fc.constantFrom('w', 'x', 'y', 'z')),
      }),
      { maxLength: 12 },
    )
    .map(list => list.map(({ deliveries, subject }) => step(deliveries, subject)))
  const namesIn = (chain: readonly Step[]) =>
    new Set(
      chain.flatMap(({ deliveries, leaves }) => [
        ...deliveries.map(id => `delivery ${id}`),
        ...(leaves ? [`subject ${leaves.subject}`] : []),
      ]),
    )

  it('hold every step once, in order, and share no delivery and no subject', () => {
    fc.assert(
      fc.property(steps, list => {
        const chains = chainsOf(list, nobody)
        const place = (each: Step | undefined) => (each ? list.indexOf(each) : -1)
        expect(
          chains
            .flat()
            .map(place)
            .sort((a, b) => a - b),
        ).toEqual(list.map((_, n) => n))
        for (const chain of chains) {
          const places = chain.map(place)
          expect(places).toEqual(places.toSorted((a, b) => a - b))
        }
        const firsts = chains.map(([first]) => place(first))
        expect(firsts).toEqual(firsts.toSorted((a, b) => a - b))
        const names = chains.flatMap(chain => [...namesIn(chain)])
        expect(new Set(names).size).toBe(names.length)
      }),
    )
  })

  it('are as many as can go side by side: no chain could be split', () => {
    fc.assert(
      fc.property(steps, list => {
        for (const chain of chainsOf(list, nobody)) {
          for (let at = 1; at < chain.length; at++) {
            const [reached, rest] = [new Set([chain[0]]), new Set(chain.slice(1))]
            for (let grew = true; grew; ) {
              const names = namesIn([...reached].flatMap(each => each ?? []))
              const found = [...rest].filter(each => [...namesIn([each])].some(name => names.has(name)))
              grew = found.length > 0
              for (const each of found) {
                reached.add(each)
                rest.delete(each)
              }
            }
            expect(rest.size).toBe(0)
          }
        }
      }),
    )
  })
})

it('steps about one person go one after another, in their order', () => {
  const [a, b, c] = [step(['a']), step(['b']), step(['c'])]
  const personOf = (id: string) => (id === 'b' ? 'other' : 'jane')
  expect(chainsOf([a, b, c], personOf)).toEqual([[a, c], [b]])
})
