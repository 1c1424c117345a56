import { expect, it } from 'vitest'
import { isStale } from './stale.ts'

type Args = Parameters<typeof isStale>[0]
const HERE = new URL('https://sluice.example/app/activity?outcome=skipped')
const after = (intent: string | null, actionResult?: unknown, nextUrl = HERE) => {
  const formData = new FormData()
  if (intent) formData.set('intent', intent)
  return isStale({ formData, actionResult, currentUrl: HERE, nextUrl, defaultShouldRevalidate: true } as Args)
}

it('stays as it is while one looks at what sending again would come to, or came to', () => {
  expect(after('count', { counted: {} })).toBe(false)
  expect(after('outcomes', { outcomes: {} })).toBe(false)
})

it('is another one after the last step of sending again', () => {
  expect(after('step', { progress: { next: { id: 'x', before: 'y' } } })).toBe(false)
  expect(after('step', { progress: { next: null } })).toBe(true)
})

it('is not asked for after a step whose answer was lost: without a line the page would go, and the dialog with it', () => {
  expect(after('step', { broken: 'step' })).toBe(false)
})

it('is not asked for after a filter that was not answered: what was typed would go with the page', () => {
  expect(after('filter', { kind: 'unanswered', why: 'unreachable', saves: false })).toBe(false)
})

it('is loaded as any other page after all else', () => {
  expect(after('filter')).toBe(true)
  expect(after(null)).toBe(true)
})

it.each([
  ['count', { counted: {} }],
  ['outcomes', { outcomes: {} }],
  ['step', { progress: { next: { id: 'x', before: 'y' } } }],
  ['step', { broken: 'step' }],
  ['filter', { kind: 'unanswered', why: 'unreachable', saves: false }],
])('another list that is on its way is loaded, though %s is answered meanwhile: %o', (intent, answer) =>
  expect(after(intent, answer, new URL('https://sluice.example/app/activity?replay=x'))).toBe(true),
)
