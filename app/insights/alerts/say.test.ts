import { describe, expect, it } from 'vitest'
import { HELD_REASONS, type HeldReason } from '../../delivery/outcome.ts'
import { LANGUAGES } from '../../ui/languages.ts'
import { pastTitleOf, titleOf } from './channels.ts'
import { alertSayer, alertTexts } from './say.ts'
import { ALERT_KINDS, GIVING_UP_LEVELS } from './thresholds.ts'
import { messageOf } from './words.ts'

const OTHERS = LANGUAGES.filter(language => language !== 'en')
const KEYS = Object.keys(alertTexts('cs'))
const filledIn = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name)
const REASONS = Object.keys(HELD_REASONS) as HeldReason[]
const SAID = HELD_REASONS.refused
/** All that is made of an alert, for one tool. */
const MADE = [
  ...REASONS.map(reason => messageOf('attention', 100, 'ecomail', { reason, message: SAID })),
  messageOf('attention', 100, 'ecomail', null),
  ...ALERT_KINDS.flatMap(kind => GIVING_UP_LEVELS.map(level => messageOf(kind, level, 'ecomail', null))),
  ...[...ALERT_KINDS, 'test'].flatMap(kind => GIVING_UP_LEVELS.map(level => titleOf({ kind, level }))),
  ...[
    'resolved',
    'from 2026-11-20T12:00:00.000Z to 2026-11-20T13:00:00.000Z',
    'since 2026-11-20T12:00:00.000Z',
    ', and 3 more',
  ],
  'Alerts of this shop will arrive here.',
  ...ALERT_KINDS.flatMap(kind => GIVING_UP_LEVELS.map(level => pastTitleOf({ kind, level }))),
  'What was told then: “Look.”',
  'Events that wait for it: 1,234.',
  'Events that waited and go out now: 1,234.',
  'No events wait for it any more.',
  'And 3 more. Sluice in Shopify’s admin shows how each tool is.',
]
const patterns = KEYS.map(
  key => new RegExp(`^${key.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{\{\w+\}\}/g, '.+?')}$`, 's'),
)

describe('what alerts say', () => {
  it.each(OTHERS)('is the same in %s, none empty, with the same values filled in', language => {
    const texts = alertTexts(language)
    expect(Object.keys(texts)).toEqual(KEYS)
    for (const [english, said] of Object.entries(texts)) {
      expect(said.trim()).not.toBe('')
      expect(said).not.toBe(english)
      expect([english, [...new Set(filledIn(said))].sort()]).toEqual([
        english,
        [...new Set(filledIn(english))].sort(),
      ])
    }
  })

  it.each(OTHERS)('is all said in %s, with what the tool said in it', language => {
    const say = alertSayer(language)
    expect(MADE.filter(made => say(made) === made)).toEqual([])
    const message = say(messageOf('attention', 100, 'ecomail', { reason: 'refused', message: SAID }))
    expect(message).toContain('Ecomail')
    expect(message).toContain(say(SAID))
    expect(message).not.toContain(SAID)
  })

  it('has no text that nothing says', () => {
    const all = [...MADE, 'it waits for a person.']
    expect(KEYS.filter((_, index) => !all.some(made => patterns[index]?.test(made)))).toEqual([])
  })

  it('in English is of tools, and has a text for what is made only', () => {
    expect(Object.keys(alertTexts('en')).filter(key => !KEYS.includes(key))).toEqual([])
    const say = alertSayer('en')
    for (const made of MADE) expect(say(made)).not.toMatch(/vendor|deliver|replay/)
  })

  it.each([null, 'xx'])('is English where the language is %s', language => {
    expect(alertSayer(language)('needs attention')).toBe('needs attention')
  })
})
