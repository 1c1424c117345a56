import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createLimits } from './limits.ts'

const LIMITS = { shop: 100, address: 20, visitor: 10, refusals: 3 }
const HERE = '203.0.113.7'
const sender = (over = {}) => ({ shop: 'a', address: HERE, visitor: 'v', ...over })

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('storefront events are taken', () => {
  it('up to the visitor’s limit, and again when its minute is over', async () => {
    const limits = createLimits(LIMITS)
    expect(await limits.take(sender(), 10)).toBe(0)
    vi.advanceTimersByTime(15_000)
    expect(await limits.take(sender(), 1)).toBe(45)
    expect(await limits.take(sender({ visitor: 'w' }), 1)).toBe(0)
    expect(await limits.take(sender({ shop: 'b' }), 1)).toBe(0)
    vi.advanceTimersByTime(45_000)
    expect(await limits.take(sender(), 10)).toBe(0)
  })

  it('up to the address’s limit, for all its visitors and all shops', async () => {
    const limits = createLimits(LIMITS)
    expect(await limits.take(sender(), 10)).toBe(0)
    expect(await limits.take(sender({ visitor: 'w', shop: 'b' }), 10)).toBe(0)
    expect(await limits.take(sender({ visitor: 'x' }), 1)).toBe(60)
    expect(await limits.take(sender({ visitor: 'x', address: '203.0.113.8' }), 1)).toBe(0)
  })

  it('up to the shop’s limit', async () => {
    const limits = createLimits(LIMITS)
    for (let n = 0; n < 10; n++)
      expect(await limits.take(sender({ visitor: `v${n}`, address: `203.0.113.${n}` }), 10)).toBe(0)
    expect(await limits.take(sender({ visitor: 'x', address: null }), 1)).toBe(60)
    expect(await limits.take(sender({ shop: 'b', visitor: 'x', address: null }), 1)).toBe(0)
  })

  it('from others, when one has sent far too many', async () => {
    const limits = createLimits(LIMITS)
    for (let n = 0; n < 50; n++) await limits.take(sender({ visitor: `made-up-${n}` }), 10)
    expect(await limits.take(sender({ address: '203.0.113.8' }), 10)).toBe(0)
  })

  it('where neither address nor visitor is known', async () => {
    expect(await createLimits(LIMITS).take({ shop: 'a', address: null, visitor: null }, 50)).toBe(0)
  })
})

describe('an address from which too much is refused', () => {
  it('is not listened to for the rest of its minute, and others are', async () => {
    const limits = createLimits(LIMITS)
    const told: boolean[] = []
    for (let n = 0; n < 5; n++) {
      if (n < 3) expect(await limits.shutFor(HERE)).toBe(0)
      told.push(await limits.refused(HERE))
    }
    expect(told).toEqual([false, false, true, false, false])
    vi.advanceTimersByTime(20_000)
    expect(await limits.shutFor(HERE)).toBe(40)
    expect(await limits.shutFor('203.0.113.8')).toBe(0)
    vi.advanceTimersByTime(40_000)
    expect(await limits.shutFor(HERE)).toBe(0)
  })

  it('is none for what was taken, however much, nor does asking count', async () => {
    const limits = createLimits(LIMITS)
    for (let n = 0; n < 50; n++) {
      await limits.take(sender(), 10)
      expect(await limits.shutFor(HERE)).toBe(0)
    }
    expect(await limits.refused(HERE)).toBe(false)
  })

  it('is still one from which others’ events are counted as before', async () => {
    const limits = createLimits(LIMITS)
    for (let n = 0; n < 10; n++) await limits.refused(HERE)
    expect(await limits.take(sender(), 10)).toBe(0)
  })

  it('has to be known', async () => {
    const limits = createLimits(LIMITS)
    for (let n = 0; n < 10; n++) expect(await limits.refused(null)).toBe(false)
    expect(await limits.shutFor(null)).toBe(0)
  })

  it('is forgotten, the oldest first, when there are too many', async () => {
    const limits = createLimits({ ...LIMITS, refusals: 1 }, 10)
    for (let n = 0; n < 100; n++) await limits.refused(`203.0.113.${n}`)
    expect(await limits.shutFor('203.0.113.99')).toBe(60)
    expect(await limits.shutFor('203.0.113.0')).toBe(0)
    expect(vi.getTimerCount()).toBeLessThanOrEqual(10)
  })
})

describe('what is counted', () => {
  it.each([[1], [2]])(
    'is forgotten, the oldest first, when there is too much of it (%i events)',
    async events => {
      const limits = createLimits({ ...LIMITS, shop: 1e6, address: 1e6, visitor: 1 }, 10)
      for (let n = 0; n < 100; n++) await limits.take(sender({ visitor: `v${n}` }), events)
      expect(await limits.take(sender({ visitor: 'v99' }), 1)).toBe(60)
      expect(await limits.take(sender({ visitor: 'v0' }), 1)).toBe(0)
      // With one each of the shop and the address.
      expect(vi.getTimerCount()).toBeLessThanOrEqual(10 + 2 + 2)
    },
  )

  it('is over after its minute, and leaves nothing behind', async () => {
    const limits = createLimits(LIMITS)
    await limits.take(sender(), 1)
    expect(vi.getTimerCount()).toBe(3)
    vi.advanceTimersByTime(60_000)
    expect(vi.getTimerCount()).toBe(0)
  })
})
