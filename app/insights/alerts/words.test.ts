import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Stop } from '../../delivery/lane-state.ts'
import { HELD_REASONS, type HeldReason } from '../../delivery/outcome.ts'
import { ALERT_KINDS } from './thresholds.ts'
import { messageOf, oneLine } from './words.ts'

const refused = (message: string): Stop => ({ reason: 'refused', message })
const REASONS = Object.keys(HELD_REASONS) as HeldReason[]

describe('messageOf', () => {
  it.each(ALERT_KINDS.flatMap(kind => [50, 100].map(level => [kind, level] as const)))(
    '%s at %d is sentences that name the vendor and what to do',
    (kind, level) => {
      const message = messageOf(kind, level, 'ecomail', refused('Wrong key.'))
      expect(message).toMatch(/^[A-Z][^\n]*\.$/)
      expect(message).toContain('Ecomail')
      expect(message).toMatch(/Correct the settings|Look at what|replay/)
    },
  )

  it('says what the vendor said, without whom it named', () => {
    const message = messageOf(
      'attention',
      100,
      'tiny',
      refused('Key of jane@example.com is wrong.\r\nBcc: x'),
    )
    expect(message).toContain('tiny: Key of j…@example.com is wrong. Bcc: x')
  })
})

describe('an alert about a lane that is stopped', () => {
  const told = (reason: HeldReason) =>
    messageOf('attention', 100, 'ecomail', { reason, message: HELD_REASONS[reason] })

  it.each<[HeldReason, RegExp, RegExp]>([
    ['off', /switched off for this shop/, /Switch it on;/],
    ['refused', /refused the credentials/, /Correct the settings of this vendor and test them;/],
    ['uninstalled', /the app was removed from this shop/, /Test the connection once the app is installed;/],
    ['vendor_missing', /version of Sluice that runs does not have this vendor/, /run a version that has it;/],
  ])('as %s says what it is and what to do', (reason, what, remedy) => {
    expect(told(reason)).toMatch(/^Nothing is sent to Ecomail[^\n]*what waits goes out then[^\n]*\.$/)
    expect(told(reason)).toMatch(what)
    expect(told(reason)).toMatch(remedy)
  })

  it('sends nobody to the settings unless these are at fault', () => {
    expect(REASONS.filter(reason => /Correct the settings/.test(told(reason)))).toEqual(['refused'])
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
