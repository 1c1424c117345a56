import type { Pool } from 'pg'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type TestDatabase, testDatabase } from '../db/testing.ts'
import { dayAt, daysOf, lastDays, momentsOf, momentsOfDays, spanOf } from './days.ts'

let test: TestDatabase
const pool = (): Pool => test.database.pool
beforeAll(async () => {
  test = await testDatabase()
})
afterAll(() => test.drop())

const begins = async (zone: string | null, day: string) =>
  (await momentsOf(pool(), zone, { from: day, to: day })).since.toISOString()
const hours = async (zone: string | null, day: string) => {
  const { since, until } = await momentsOf(pool(), zone, { from: day, to: day })
  return (until.getTime() - since.getTime()) / 3600_000
}

describe('a day', () => {
  it.each([
    ['Pacific/Auckland', '2026-11-20', '2026-11-19T11:00:00.000Z'],
    ['America/Los_Angeles', '2026-11-20', '2026-11-20T08:00:00.000Z'],
    ['Asia/Kathmandu', '2026-11-20', '2026-11-19T18:15:00.000Z'],
    [null, '2026-11-20', '2026-11-20T00:00:00.000Z'],
    ['Mars/Olympus_Mons', '2026-11-20', '2026-11-20T00:00:00.000Z'],
    // Put forward at midnight: the day begins at 1:00.
    ['Atlantic/Azores', '2027-03-28', '2027-03-28T01:00:00.000Z'],
    // Put back to midnight: the day begins when it is midnight for the first time.
    ['Atlantic/Azores', '2026-10-25', '2026-10-25T00:00:00.000Z'],
    ['America/Havana', '2026-11-01', '2026-11-01T04:00:00.000Z'],
  ])('in %s: %s begins at %s', async (zone, day, at) => {
    expect(await begins(zone, day)).toBe(at)
  })

  it.each([
    ['Pacific/Auckland', '2026-09-27', 23],
    ['Pacific/Auckland', '2026-04-05', 25],
    ['America/Los_Angeles', '2026-03-08', 23],
    ['America/Los_Angeles', '2026-11-01', 25],
    ['Atlantic/Azores', '2027-03-28', 23],
    ['Atlantic/Azores', '2026-10-25', 25],
    ['Australia/Lord_Howe', '2026-04-05', 24.5],
    ['Antarctica/Troll', '2026-10-25', 26],
    [null, '2026-10-25', 24],
  ])('in %s: %s has %s hours', async (zone, day, expected) => {
    expect(await hours(zone, day)).toBe(expected)
  })

  it('of another length begins in every zone where the day before ends, on a quarter of an hour, and is what a clock shows', async () => {
    const { rows } = await pool().query(
      `with days as materialized (
         select zone, day::date from unnest($1::text[]) zone, generate_series('2026-01-01'::timestamp, '2027-01-01', '1 day') day
         where (day + interval '12 hours') at time zone zone - (day - interval '12 hours') at time zone zone <> interval '1 day'),
       told as (select *, day_begins(day, zone) as began, day_begins(day + 1, zone) as ends from days)
       select count(*)::int as all, count(*) filter (where
         ends - began not between '22 hours' and '26 hours' or extract(epoch from began)::bigint % 900 <> 0
         or day_of(began, zone) <> day or day_of(began - interval '1 second', zone) <> day - 1
         or day_of(ends, zone) <> day + 1 or day_of(ends - interval '1 second', zone) <> day)::int as wrong
       from told`,
      [Intl.supportedValuesOf('timeZone')],
    )
    expect(rows).toMatchObject([{ wrong: 0 }])
    expect(rows[0]?.all).toBeGreaterThan(200)
  })
})

describe('today', () => {
  it.each([
    ['Pacific/Auckland', '2026-11-21'],
    ['America/Los_Angeles', '2026-11-20'],
    [null, '2026-11-20'],
    ['Mars/Olympus_Mons', '2026-11-20'],
  ])('in %s is %s', (zone, day) => {
    expect(dayAt(new Date('2026-11-20T11:30:00Z'), zone)).toBe(day)
  })

  it('is the last of the days that are looked back, whatever clocks were put forward meanwhile', () => {
    const days = lastDays(new Date('2026-03-09T07:30:00Z'), 3, 'America/Los_Angeles')
    expect(daysOf(days)).toEqual(['2026-03-07', '2026-03-08', '2026-03-09'])
  })
})

describe('what is asked for', () => {
  const span = (zone: string | null, since?: string, until?: string) => spanOf(pool(), zone, { since, until })

  it('by days is whole days of the zone', async () => {
    expect(await span('America/Los_Angeles', '2026-11-01', '2026-11-01')).toEqual({
      since: new Date('2026-11-01T07:00:00Z'),
      until: new Date('2026-11-02T08:00:00Z'),
    })
    expect(await span(null, '2026-11-01', '2026-11-01')).toEqual({
      since: new Date('2026-11-01T00:00:00Z'),
      until: new Date('2026-11-02T00:00:00Z'),
    })
  })

  it('may be open on either side, and may be moments', async () => {
    expect(await span('Pacific/Auckland')).toEqual({})
    expect(await span('Pacific/Auckland', '2026-11-20')).toEqual({ since: new Date('2026-11-19T11:00:00Z') })
    expect(await span('Pacific/Auckland', undefined, '2026-11-20')).toEqual({
      until: new Date('2026-11-20T11:00:00Z'),
    })
    expect(await span('Pacific/Auckland', '2026-11-19T00:00:00Z', '2026-11-20')).toEqual({
      since: new Date('2026-11-19T00:00:00Z'),
      until: new Date('2026-11-20T11:00:00Z'),
    })
  })

  it('may be minutes of a clock there, each meant as a whole', async () => {
    expect(await span('Pacific/Auckland', '2026-11-20T10:30', '2026-11-20T10:30')).toEqual({
      since: new Date('2026-11-19T21:30:00Z'),
      until: new Date('2026-11-19T21:31:00Z'),
    })
    expect(await span('nowhere', '2026-11-20T10:30')).toEqual({ since: new Date('2026-11-20T10:30:00Z') })
  })

  it.each([
    [
      'comes twice',
      'America/Los_Angeles',
      '2026-11-01T01:30',
      '2026-11-01T08:30:00Z',
      '2026-11-01T09:31:00Z',
    ],
    [
      'comes twice by half',
      'Australia/Lord_Howe',
      '2026-04-05T01:45',
      '2026-04-04T14:45:00Z',
      '2026-04-04T15:16:00Z',
    ],
    [
      'is left out',
      'America/Los_Angeles',
      '2026-03-08T02:30',
      '2026-03-08T10:30:00Z',
      '2026-03-08T10:31:00Z',
    ],
  ])('may be a minute that %s', async (_, zone, minute, since, until) => {
    expect(await span(zone, minute, minute)).toEqual({ since: new Date(since), until: new Date(until) })
  })

  it.each(['0000-01-01', '0001-01-01T10:30', '9999-12-31T23:59', '0001-01-01', '9999-12-31'])(
    'may be as far away as %s',
    async day => {
      const { since, until } = await span('Pacific/Auckland', day, day)
      expect([since?.getTime(), until?.getTime()].every(Number.isFinite)).toBe(true)
    },
  )
})

describe('borders of days', () => {
  it('are asked for at once, however many days there are', async () => {
    const asked = vi.spyOn(pool(), 'query')
    const days = ['2026-11-20', '2026-11-18', '2026-11-19']
    const told = await momentsOfDays(pool(), 'Pacific/Auckland', days)
    await momentsOf(pool(), 'Pacific/Auckland', { from: '2026-11-18', to: '2026-11-20' })
    expect(asked).toHaveBeenCalledTimes(2)
    asked.mockRestore()
    expect(told.map(({ since, until }) => [since.toISOString(), until.toISOString()])).toEqual([
      ['2026-11-19T11:00:00.000Z', '2026-11-20T11:00:00.000Z'],
      ['2026-11-17T11:00:00.000Z', '2026-11-18T11:00:00.000Z'],
      ['2026-11-18T11:00:00.000Z', '2026-11-19T11:00:00.000Z'],
    ])
  })

  it('that nobody tells are an error, not no time', async () => {
    const asked = vi.spyOn(pool(), 'query').mockImplementation(async () => ({ rows: [] }))
    await expect(momentsOf(pool(), null, { from: '2026-11-18', to: '2026-11-20' })).rejects.toThrow(
      '2026-11-18',
    )
    asked.mockRestore()
  })
})
