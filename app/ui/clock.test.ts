import { describe, expect, it } from 'vitest'
import { timesIn } from './clock.ts'

const NOW = new Date('2026-11-21T12:00:00Z')
const AT = '2026-11-20T23:05:09.000Z'

describe('a time', () => {
  it.each([
    ['en', 'Europe/Prague', 'Nov 21, 2026, 00:05:09', '00:05'],
    ['en', 'America/Los_Angeles', 'Nov 20, 2026, 15:05:09', 'Nov 20, 15:05'],
    ['cs', 'Europe/Prague', '21. 11. 2026 0:05:09', '00:05'],
    ['de', 'Pacific/Auckland', '21.11.2026, 12:05:09', '21. Nov., 12:05'],
    ['en', null, 'Nov 20, 2026, 23:05:09 UTC', 'Nov 20, 23:05 UTC'],
    ['en', 'Mars/Olympus_Mons', 'Nov 20, 2026, 23:05:09 UTC', 'Nov 20, 23:05 UTC'],
  ])('in %s and %s is %s, and %s', (language, zone, full, clock) => {
    const times = timesIn(language, zone)
    const plain = (text: string) => text.replace(/\s/g, ' ')
    expect(plain(times.full(AT))).toBe(full)
    expect(plain(times.clock(AT, NOW))).toBe(clock)
  })

  it.each([
    ['America/Los_Angeles', '2026-11-01T08:30:00Z', '2026-11-01T09:30:00Z', ['GMT-07:00', 'GMT-08:00']],
    ['Australia/Lord_Howe', '2026-04-04T14:45:00Z', '2026-04-04T15:15:00Z', ['GMT+11:00', 'GMT+10:30']],
  ])('that a clock in %s shows twice is told apart', (zone, first, second, offsets) => {
    const { full } = timesIn('en', zone)
    const told = [first, second].map(full)
    expect(told.map(text => text.slice(text.indexOf('GMT')))).toEqual(offsets)
    expect(new Set(told.map(text => text.slice(0, text.indexOf('GMT')))).size).toBe(1)
  })

  it('that comes once is not, an hour before and after', () => {
    const { full } = timesIn('en', 'America/Los_Angeles')
    for (const at of ['2026-11-01T07:59:59Z', '2026-11-01T10:00:00Z', '2026-03-08T10:30:00Z'])
      expect(full(at)).not.toContain('GMT')
  })
})
