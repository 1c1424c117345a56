import { describe, expect, it } from 'vitest'
import { knownZone } from './time-zone.ts'

describe('a time zone', () => {
  it.each([...Intl.supportedValuesOf('timeZone'), 'UTC', 'Etc/GMT+12', 'Asia/Kolkata', 'Europe/Kyiv'])(
    '%s is one',
    zone => {
      expect(knownZone(zone)).toBe(zone)
    },
  )

  it.each(['', ' ', '+05:30', '-08:00', 'Mars/Olympus_Mons', 'GMT+01:00 Prague', "UTC'; select 1", '/etc'])(
    '%j is none',
    zone => {
      expect(knownZone(zone)).toBeNull()
    },
  )

  it('that is not told is none', () => {
    expect(knownZone(null)).toBeNull()
  })
})
