/** How times are written: by a clock of the shop's time zone where that is known, else in UTC, which then stands with each. */

export type Times = {
  /** By whose clock, as IANA names it; null: in UTC, which stands with each time. */
  zone: string | null
  /** To the second, with the day. @param iso ISO 8601 */
  full(iso: string): string
  /** To the minute, with the day unless it is today's. @param iso ISO 8601 */
  clock(iso: string, now: Date): string
}

/** How far a clock is put back, where it is: once a year an hour comes twice, at Lord Howe half of one. */
const PUT_BACK_MS = [30, 60].map(minutes => minutes * 60_000)

/** @returns whether this system knows it: a browser may be older than a zone's name */
function isKnown(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).format() !== ''
  } catch {
    return false
  }
}

/** As a field for a time has it, by a clock of the zone: "2026-11-20T10:30". @param iso ISO 8601 @param zone null: not known */
export function minuteAt(iso: string, zone: string | null): string {
  const timeZone = zone !== null && isKnown(zone) ? zone : 'UTC'
  const options = { dateStyle: 'short', timeStyle: 'short', timeZone } as const
  // Swedish writes dates and times as ISO 8601 does.
  return new Intl.DateTimeFormat('sv-SE', options).format(new Date(iso)).replace(' ', 'T')
}

/**
 * @param zone null: not known, and times are in UTC
 * @returns a function that writes a time by a clock of the zone, as ISO 8601 with what it is ahead of UTC: "2026-11-20T10:30:00+01:00"
 */
export function isoIn(zone: string | null): (iso: string) => string {
  const timeZone = zone !== null && isKnown(zone) ? zone : 'UTC'
  const clock = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'medium', timeZone })
  const offsets = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' })
  return iso => {
    const at = new Date(iso)
    const name = offsets.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value
    return `${clock.format(at).replace(' ', 'T')}${name?.replace('GMT', '') || '+00:00'}`
  }
}

/** @param zone null: not known */
export function timesIn(language: string, zone: string | null): Times {
  const known = zone !== null && isKnown(zone)
  const timeZone = known ? zone : 'UTC'
  const formatOf = (options: Intl.DateTimeFormatOptions) => {
    const format = new Intl.DateTimeFormat(language, { ...options, timeZone })
    return (at: Date) => format.format(at)
  }
  const full = formatOf({ dateStyle: 'medium', timeStyle: 'medium', hourCycle: 'h23' })
  const minute = formatOf({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  const day = formatOf({ day: 'numeric', month: 'short' })
  const date = formatOf({ dateStyle: 'short' })
  const offsets = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' })
  const offset = (at: Date) => offsets.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value

  /** What a clock shows twice is told with what it is ahead of UTC. */
  function named(text: string, at: Date): string {
    if (!known) return `${text} UTC`
    const isTwice = PUT_BACK_MS.some(ms =>
      [-ms, ms].some(apart => full(new Date(at.getTime() + apart)) === full(at)),
    )
    return isTwice ? `${text} ${offset(at)}` : text
  }
  return {
    zone: known ? zone : null,
    full(iso) {
      const at = new Date(iso)
      return named(full(at), at)
    },
    clock(iso, now) {
      const at = new Date(iso)
      const time = named(minute(at), at)
      return date(at) === date(now) ? time : `${day(at)}, ${time}`
    },
  }
}
