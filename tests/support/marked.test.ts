import { expect, it } from 'vitest'
import { marked, strangersIn, unmarked } from './marked.ts'

it('what is translated stands between marks, and what is filled in outside', () => {
  const said = marked('Skipped: {{reason}}. Page {page} of them').replace('{{reason}}', 'No consent')
  expect(unmarked(said).split(/\s+/).filter(Boolean)).toEqual(['No', 'consent', '{page}'])
})

it('a text that is not translated is left over, also beside one that is', () => {
  expect(unmarked('Save')).toBe('Save')
  expect(unmarked(`${marked('Speichern')} · now`).trim()).toBe('· now')
  expect(unmarked(marked('Speichern')).trim()).toBe('')
})

it('words of a page are told from its data', () => {
  const said = [
    marked('Zugestellt'),
    'Sluice',
    'Alana: 3',
    '20.11.2026, 16:41:00 UTC',
    'order_placed',
    '17. Nov.',
  ]
  expect(strangersIn(said)).toEqual([])
  for (const stranger of ['Save', 'Sluice waits', 'no', 'Nov 20, 2026', 'Alana, delivered', '3 days'])
    expect(strangersIn([...said, stranger])).toHaveLength(1)
})
