/** A delivery's sendings: the first, and each time it was sent again, with the attempts that belong to each. */
import type { Pool } from 'pg'
import type { ReplayedBy } from '../delivery/kept-replays.ts'
import type { OnceMore } from '../delivery/replays.ts'
import { timeOfId } from '../events/id-time.ts'
import { COMMAND_LINE } from '../support/audit.ts'

export type Tried = { number: number; step: string; outcome: string; startedAt: Date }
/** The requests of one attempt, which followed each other at once. */
export type Turn<T extends Tried = Tried> = readonly [T, ...T[]]
/**
 * `at`: from when on it was to be sent; null: that was not kept. `again`: null: it is the first; `untold`: that it was sent again shows in
 * its attempts alone.
 */
export type Sending<T extends Tried = Tried> = {
  at: Date | null
  again: OnceMore | 'untold' | null
  turns: Turn<T>[]
}

/** After these the delivery waits on. */
const GOES_ON = ['retry', 'refused', 'learned']
/** The clock of whoever sent it may be another than the database's, by so much at most. */
const SKEW_MS = 60_000

/** `replay`: it is being sent again. */
type Sent = { createdAt: Date; replay: boolean }

/** Pure. In order. @param replays what is kept of when it was sent again @param attempts in order */
export function sendingsOf<T extends Tried>(
  { createdAt, replay }: Sent,
  replays: readonly OnceMore[],
  attempts: readonly T[],
): Sending<T>[] {
  let current: Sending<T> = { at: createdAt, again: null, turns: [] }
  const sendings = [current]
  const begin = (again: Sending['again'], at: Date | null) => {
    current = { at, again, turns: [] }
    sendings.push(current)
  }
  const further = [...replays]
  for (const turn of inTurn(attempts)) {
    const startedAt = turn[0].startedAt.getTime()
    const anew = isOver(current, turn[0])
    const from = sendings.length
    for (let [next] = further; next; [next] = further) {
      const slack = anew && sendings.length === from ? SKEW_MS : 0
      if (next.at.getTime() > startedAt + slack) break
      begin(next, next.at)
      further.shift()
    }
    if (anew && sendings.length === from) begin('untold', null)
    current.turns.push(turn)
  }
  for (const each of further) begin(each, each.at)
  if (replay && sendings.length === 1 && !goesOn(current)) begin('untold', null)
  return sendings
}

/** Whether what was sent last leaves something to do. */
export const goesOn = ({ turns }: Sending): boolean => GOES_ON.includes(turns.at(-1)?.at(-1)?.outcome ?? '')

/** Whether a further attempt is one of another sending: this one has failed, or had done that step. */
function isOver(sending: Sending, { step }: Tried): boolean {
  const last = sending.turns.at(-1)?.at(-1)
  if (!last || goesOn(sending)) return false
  return (
    last.outcome !== 'delivered' ||
    sending.turns.flat().some(done => done.step === step && done.outcome === 'delivered')
  )
}

/** By their number. */
function inTurn<T extends Tried>(attempts: readonly T[]): Turn<T>[] {
  const byNumber = Map.groupBy(attempts, ({ number }) => number)
  return [...byNumber.values()].flatMap(([first, ...others]) => (first ? [[first, ...others] as const] : []))
}

/** An entry of the audit. `replay`: the id of what was sent again; null: it does not say. */
export type ReplayEntry = {
  at: Date
  actor: string
  reason: string | null
  vendor: string | null
  event: string | null
  replay: string | null
}
/** What is known of who sent an event again. `entries`: of it and of selections, the oldest first. `senders`: of kept replays, by id. */
export type ReplayTraces = { entries: readonly ReplayEntry[]; senders: ReadonlyMap<string, ReplayedBy> }
/**
 * That it was sent again. `at` null: that was not kept. `sentBy` null: it is not known who did. `by`, `reason`: as the audit has it; null:
 * it has no entry. `alone`: by itself, not with others by a filter; null: that was not kept. `before`: so many attempts had been made.
 */
export type SentAgain = {
  at: Date | null
  sentBy: ReplayedBy | null
  by: string | null
  reason: string | null
  alone: boolean | null
  before: number
}

/** Pure. Of each sending but the first, who asked for it. */
export function toldAgain(
  sendings: readonly Sending[],
  vendor: string,
  { entries, senders }: ReplayTraces,
): SentAgain[] {
  const ofVendor = entries.filter(entry => entry.vendor === null || entry.vendor === vendor)
  let before = 0
  let since: Date | null = null
  return sendings.flatMap(({ again, turns }): SentAgain[] => {
    const place = before
    const after = since
    before += turns.flat().length
    since = turns.at(-1)?.[0].startedAt ?? since
    if (again === null) return []
    if (again !== 'untold') {
      const sender = senders.get(again.id)
      const entry = sender === 'shop' ? undefined : entryOf(ofVendor, again)
      // Of one that was sent by itself, every other sender has written an entry.
      const sentBy = sender ?? (entry ? 'staff' : again.alone ? 'shop' : null)
      return [{ at: again.at, sentBy, ...saidBy(entry), alone: again.alone, before: place }]
    }
    const until = turns[0]?.[0].startedAt
    const found = ofVendor.findLast(
      ({ event, replay, at }) =>
        event !== null && replay === null && (!after || at >= after) && (!until || at <= until),
    )
    const known = found && { at: found.at, sentBy: 'staff' as const, alone: true }
    return [{ at: null, sentBy: null, alone: null, ...known, ...saidBy(found), before: place }]
  })
}

const saidBy = (entry: ReplayEntry | undefined) => ({
  by: entry?.actor ?? null,
  reason: entry?.reason ?? null,
})

/** The command line used to write its entry down before it began, and so without an id. */
const BEFORE_MS = 10_000

function entryOf(entries: readonly ReplayEntry[], { id, alone }: OnceMore): ReplayEntry | undefined {
  const began = timeOfId(id).getTime()
  const isEarly = ({ replay, event, actor, at }: ReplayEntry) => {
    const early = began - at.getTime()
    const isCommand = replay === null && actor.startsWith(COMMAND_LINE)
    return isCommand && alone === (event !== null) && early >= 0 && early < BEFORE_MS
  }
  return entries.findLast(({ replay }) => replay === id) ?? entries.findLast(isEarly)
}

/** Of what may have sent an event again. @param replays their ids */
export async function replayTraces(
  pool: Pool,
  shopId: number,
  eventId: string,
  replays: readonly string[],
): Promise<ReplayTraces> {
  const times = replays.map(timeOfId)
  const [entries, kept] = await Promise.all([
    pool.query<ReplayEntry>(
      `select e.at, e.actor, e.reason, e.vendor, e.subject as event, e.after ->> 'replay' as replay
       from shops s join audit_entries e on e.shop = s.domain
       where s.id = $1 and e.action = 'replay' and (e.subject = $2 or e.subject is null and (
         e.after ->> 'replay' = any($3) or e.after -> 'replay' is null and exists (
           select from unnest($4::timestamptz[]) t(at) where e.at between t.at - make_interval(secs => $5) and t.at)))
       order by e.id`,
      [shopId, eventId, replays, times, BEFORE_MS / 1000],
    ),
    pool.query<{ id: string; by: ReplayedBy }>(
      'select id, sent_by as by from replays where shop_id = $1 and id = any($2)',
      [shopId, replays],
    ),
  ])
  return { entries: entries.rows, senders: new Map(kept.rows.map(({ id, by }) => [id, by])) }
}
