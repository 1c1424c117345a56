/**
 * Days of a shop: those of a clock in its time zone, in UTC where that is not known. A day has 23, 24 or 25 hours, and begins with its
 * first moment: where midnight is left out, when the clock is put forward; where it comes twice, the first time. What a clock shows
 * PostgreSQL knows (`day_of` and `day_begins`, prisma/migrations); which day is today, Intl says as well.
 */
import type { Pool, PoolClient } from 'pg'

/** IANA's name; null: not known. */
export type Zone = string | null
/** Both days are meant: "2026-11-20". */
export type Days = { from: string; to: string }
/** Where the first day begins, and where the last one ends. */
export type Moments = { since: Date; until: Date }

/** All zones' days begin with a quarter of an hour: of all that was received in one, the day is looked for once. */
export const QUARTER_MS = 900_000

const DAY_MS = 24 * 3600_000
/** What PostgreSQL reckons with are no years before its own; nothing was received before. */
const FIRST_DAY = '1970-01-02'

/** The day on a clock of the zone: "2026-11-20". A zone that this system does not know is none. */
export function dayAt(at: Date, zone: Zone): string {
  const parts = formatOf(zone).formatToParts(at)
  const part = (type: string) => parts.find(each => each.type === type)?.value ?? ''
  return `${part('year')}-${part('month')}-${part('day')}`
}

function formatOf(zone: Zone): Intl.DateTimeFormat {
  const digits = { year: 'numeric', month: '2-digit', day: '2-digit', calendar: 'gregory' } as const
  try {
    return new Intl.DateTimeFormat('en', { ...digits, timeZone: zone ?? 'UTC' })
  } catch {
    return new Intl.DateTimeFormat('en', { ...digits, timeZone: 'UTC' })
  }
}

/** Today, and so many days in all, today among them. @param days at least 1 */
export function lastDays(now: Date, days: number, zone: Zone): Days {
  const to = dayAt(now, zone)
  return { from: daysBefore(to, days - 1), to }
}

/** @param day "2026-11-20" */
function daysBefore(day: string, days: number): string {
  return new Date(Date.parse(day) - days * DAY_MS).toISOString().slice(0, 10)
}

/** Every day of a period, oldest first. */
export function daysOf({ from, to }: Days): string[] {
  const days: string[] = []
  for (let day = from; day <= to; day = daysBefore(day, -1)) days.push(day)
  return days
}

/** When a period's days begin and end in the zone. */
export async function momentsOf(pool: Pool | PoolClient, zone: Zone, { from, to }: Days): Promise<Moments> {
  const [moments] = await spansOf(pool, zone, [{ from, to }])
  if (!moments) throw new Error(`no moments of ${from} to ${to}`)
  return moments
}

/** The same of each of some days, in their order, all asked for at once. */
export function momentsOfDays(
  pool: Pool | PoolClient,
  zone: Zone,
  days: readonly string[],
): Promise<Moments[]> {
  return spansOf(
    pool,
    zone,
    days.map(day => ({ from: day, to: day })),
  )
}

async function spansOf(pool: Pool | PoolClient, zone: Zone, spans: readonly Days[]): Promise<Moments[]> {
  const { rows } = await pool.query<Moments>(
    `select day_begins(since, $3) as since, day_begins(until + 1, $3) as until
     from unnest($1::date[], $2::date[]) with ordinality as spans(since, until, place) order by place`,
    [spans.map(({ from }) => reckonable(from)), spans.map(({ to }) => reckonable(to)), zone],
  )
  return rows
}

const reckonable = (day: string) => (day < FIRST_DAY ? FIRST_DAY : day)

/** Days, minutes of a clock in the zone ("2026-11-20T10:30"), or moments in ISO 8601, which either end may be. A day and a minute are meant as a whole. */
export type Span = { since?: string | undefined; until?: string | undefined }

/** When what is asked for begins and ends: of days and minutes, in the zone. */
export async function spanOf(pool: Pool, zone: Zone, { since, until }: Span): Promise<Partial<Moments>> {
  const momentOf = async (text: string, end: keyof Moments) => {
    if (text.endsWith('Z')) return new Date(text)
    if (text.includes('T') && text > FIRST_DAY) return (await minuteOf(pool, zone, text))[end]
    const day = text.slice(0, FIRST_DAY.length)
    return (await momentsOf(pool, zone, { from: day, to: day }))[end]
  }
  return {
    ...(since && { since: await momentOf(since, 'since') }),
    ...(until && { until: await momentOf(until, 'until') }),
  }
}

/** When a minute of a clock begins and ends. Where it comes twice, when the clock is put back, both are meant. */
async function minuteOf(pool: Pool, zone: Zone, text: string): Promise<Moments> {
  const { rows } = await pool.query<Moments>(
    `with given as (select $1::timestamp as clock, coalesce(known_zone($2), 'UTC') as zone)
     select coalesce(min(at), min(usual)) as since, coalesce(max(at), min(usual)) + interval '1 minute' as until
     from given cross join lateral (select clock at time zone zone as usual) u
     cross join unnest(array[-60, -30, 0, 30, 60]) apart
     left join lateral (select usual + make_interval(mins => apart) as at) m on m.at at time zone zone = clock`,
    [text, zone],
  )
  if (!rows[0]) throw new Error(`no moments of ${text}`)
  return rows[0]
}
