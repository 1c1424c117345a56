import { expect, it } from 'vitest'
import { interactionOf } from './admin.ts'

it('visits of which no interaction is known are left out of the figure', () => {
  const visits = [
    { interactionMs: null },
    { interactionMs: 24 },
    { interactionMs: 40 },
    { interactionMs: 32 },
  ]
  expect(interactionOf('Home', visits)).toBe(32)
})

it('where none is known there is no figure', () => {
  expect(() => interactionOf('Home', [{ interactionMs: null }])).toThrow('Home')
})
