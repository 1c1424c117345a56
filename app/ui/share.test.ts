import { expect, it } from 'vitest'
import { sharesIn } from './share.ts'

it.each([
  [13 / 17, '76.5%'],
  [4 / 17, '23.5%'],
  [0.9997, '99.9%'],
  [0.0003, '0.1%'],
  [-0.0003, '−0.1%'],
  [-0.25, '−25%'],
  [1, '100%'],
  [0, '0%'],
])('a share of %d is %s: rounded, but never to all or none of it', (share, words) => {
  expect(sharesIn('en')(share)).toBe(words)
})

it('is written as the language does', () => {
  expect(sharesIn('cs')(13 / 17)).toBe('76,5\u00a0%')
})
