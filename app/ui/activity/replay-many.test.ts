import { describe, expect, it } from 'vitest'
import type { Line } from './list.tsx'
import { whichFirst } from './replay-many.tsx'

const line = (...outcomes: [vendor: string, outcome: string][]) =>
  ({ deliveries: outcomes.map(([vendor, outcome]) => ({ vendor, outcome })) }) as unknown as Line
const skipped = line(['alana', 'skipped'], ['ecomail', 'delivered'])
const delivered = line(['alana', 'delivered'], ['ecomail', 'waiting'])

describe('sending again does not begin with what the list has not: it begins', () => {
  it.each([
    ['with the outcome that is asked for', { outcome: 'delivered' }, [skipped], 'delivered'],
    ['with what failed, where something did', {}, [skipped, line(['alana', 'failed'])], 'failed'],
    ['with what was skipped', {}, [delivered, skipped], 'skipped'],
    [
      'with nothing of what was delivered: the whole shop was one press away from being told twice',
      {},
      [delivered],
      'failed',
    ],
    ['with what the vendor asked for has', { vendor: 'ecomail' }, [skipped], 'failed'],
    ['with what failed, where only what waits is listed', {}, [line(['alana', 'waiting'])], 'failed'],
  ])('%s', (_, texts, lines, which) => {
    expect(whichFirst(texts, lines)).toBe(which)
  })
})
