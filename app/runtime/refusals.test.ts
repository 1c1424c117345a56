import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createLog } from '../log.ts'
import { createRefusals, type Refusal } from './refusals.ts'

let lines: Record<string, unknown>[]
const refusals = () =>
  createRefusals(createLog('info', { write: (line: string) => void lines.push(JSON.parse(line)) }))
const ROBOT: Refusal = { shop: 'one.myshopify.com', source: 'pixel', result: 'automated' }
const told = () => lines.map(({ shop, result, batches }) => [shop, result, batches])

beforeEach(() => {
  vi.useFakeTimers()
  lines = []
})
afterEach(() => {
  vi.useRealTimers()
})

describe('refused batches', () => {
  it('of a shop and a result fill the log no faster than a line a minute, and are counted', () => {
    const each = refusals()
    for (let n = 0; n < 1000; n++) expect(each.note(ROBOT)).toBe(n === 0)
    expect(told()).toEqual([['one.myshopify.com', 'automated', 1]])
    vi.advanceTimersByTime(60_000)
    expect(told().slice(1)).toEqual([['one.myshopify.com', 'automated', 999]])
    expect(each.note(ROBOT)).toBe(false)
    vi.advanceTimersByTime(60_000)
    expect(told().slice(2)).toEqual([['one.myshopify.com', 'automated', 1]])
  })

  it('are told of at once again after a minute of silence', () => {
    const each = refusals()
    each.note(ROBOT)
    vi.advanceTimersByTime(60_000)
    expect(lines).toHaveLength(1)
    expect(each.note(ROBOT)).toBe(true)
    expect(lines).toHaveLength(2)
    vi.advanceTimersByTime(600_000)
    expect([lines.length, vi.getTimerCount()]).toEqual([2, 0])
  })

  it('of another shop, result or way are told of by themselves', () => {
    const each = refusals()
    const others: Refusal[] = [
      { ...ROBOT, shop: 'two.myshopify.com' },
      { ...ROBOT, result: 'too_many' },
      { ...ROBOT, source: 'storefront' },
      { ...ROBOT, result: 'other_page', host: 'shop.example.hu' },
    ]
    for (const one of [ROBOT, ...others]) expect(each.note(one)).toBe(true)
    expect(lines).toHaveLength(5)
    expect(lines.at(-1)).toMatchObject({ host: 'shop.example.hu' })
  })
})
