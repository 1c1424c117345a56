import { expect, it } from 'vitest'
import { stepsOf } from './steps.ts'

const running = { state: 'running', total: 10, done: 0, changed: 0, followed: 0 } as const

it.each([
  ['nothing was done yet', {}, [0, 10, 0], [0, null, 0]],
  ['some shops were seen to', { done: 4, changed: 3 }, [4, 10, 40], [0, null, 0]],
  ['every shop was seen to', { done: 10, changed: 10 }, [10, 10, 100], [0, 10, 0]],
  ['some were left as they were', { done: 10, changed: 4, followed: 1 }, [10, 10, 100], [1, 4, 25]],
  ['what waits has followed', { done: 10, changed: 10, followed: 10 }, [10, 10, 100], [10, 10, 100]],
  ['none was changed', { done: 10, state: 'done' as const }, [10, 10, 100], [0, 0, 100]],
])('has counts of its own for each step when %s', (_, over, ...expected) => {
  const steps = stepsOf({ ...running, ...over })
  expect(steps.map(({ done, total, percent }) => [done, total, percent])).toEqual(expected)
})
