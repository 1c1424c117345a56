import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ALERT_KINDS } from './thresholds.ts'
import { messageOf, oneLine } from './words.ts'

describe('messageOf', () => {
  it.each(ALERT_KINDS.flatMap(kind => [50, 100].map(level => [kind, level] as const)))(
    '%s at %d is sentences that name the vendor and what to do',
    (kind, level) => {
      const message = messageOf(kind, level, 'ecomail', 'Wrong key.')
      expect(message).toMatch(/^[A-Z][^\n]*\.$/)
      expect(message).toContain('Ecomail')
      expect(message).toMatch(/Correct the settings|Look at what|replay/)
    },
  )

  it('says what the vendor said, without whom it named', () => {
    const message = messageOf('attention', 100, 'tiny', 'Key of jane@example.com is wrong.\r\nBcc: x')
    expect(message).toContain('tiny: Key of j…@example.com is wrong. Bcc: x')
  })
})

describe('oneLine', () => {
  it('is one line of bounded length, whatever comes in', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 1000 }), text => {
        const line = oneLine(text)
        expect(line).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u)
        expect(line.length).toBeLessThanOrEqual(301)
        expect(line.isWellFormed()).toBe(true)
      }),
    )
  })
})
