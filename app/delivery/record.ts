/**
 * Recording: what was decided about deliveries, and what was sent and came back. A delivery that a person
 * stopped meanwhile (switched off) keeps that state unless it was delivered.
 */
import type { Pool, PoolClient } from 'pg'
import { v7 as uuidv7 } from 'uuid'
import { withTransaction } from '../db/database.ts'
import { storable, toJsonb } from '../db/jsonb.ts'
import { hideSecrets, maskJson, scrub } from '../privacy/mask.ts'
import type { Reading, Step } from '../vendors/vendor.ts'
import type { Connection } from './connections.ts'
import { fingerprint } from './decide.ts'
import type { Lane } from './lane.ts'
import { holdOpen, markRefused } from './lane-state.ts'
import type { Outcome } from './outcome.ts'
import type { Sent } from './send.ts'

/** How much of an answer that is not JSON is kept, in characters. */
const TEXT_LIMIT = 500

/** One step as it went. */
export type Exchange = {
  step: Step
  sent: Sent
  startedAt: Date
  durationMs: number
  /** Per event id. */
  readings: ReadonlyMap<string, Reading>
}

/** Records outcomes that needed no request. */
export async function recordOutcomes(
  pool: Pool,
  lane: Lane,
  outcomes: ReadonlyMap<string, Outcome>,
): Promise<void> {
  if (outcomes.size === 0) return
  await withTransaction(pool, client => updateDeliveries(client, lane, outcomes))
}

/**
 * Records one exchange: the masked request and answer, an attempt per delivery it carried, what the vendor now
 * has, and the deliveries' outcomes where this step decided them. An answer that refuses the credentials stops the
 * lane in the same transaction: a delivery held for them in a lane that is open would wait for nobody. If they have
 * been replaced meanwhile, the delivery is tried with the new ones instead.
 * @param numbers the attempt's number by event id, from 1
 * @param outcomes of the deliveries that this step decided; the others have further steps to go
 */
export async function recordExchange(
  pool: Pool,
  lane: Lane,
  exchange: Exchange,
  numbers: ReadonlyMap<string, number>,
  outcomes: ReadonlyMap<string, Outcome>,
  connection: Pick<Connection, 'secrets' | 'sealed'>,
): Promise<void> {
  const { step, readings } = exchange
  const succeeded = step.deliveries.filter(id => readings.get(id)?.kind === 'delivered')
  const refused = [...readings.values()].find(reading => reading.kind === 'refused')
  await withTransaction(pool, async client => {
    const exchangeId = await insertExchange(client, lane, exchange, connection.secrets)
    // The connection is locked before its deliveries, here as wherever a lane is stopped or started.
    const stopped = refused && (await markRefused(client, lane, refused.merchant, connection.sealed))
    const replaced = refused && !stopped
    await countAttempt(client, lane, step, numbers, succeeded)
    await insertAttempts(client, lane, exchange, exchangeId, numbers)
    await remember(client, lane, step, succeeded)
    await updateDeliveries(client, lane, replaced ? new Map([...outcomes].map(triedAgain)) : outcomes)
    if (stopped) await holdOpen(client, lane, 'refused', storable(scrub(refused.merchant)))
  })
}

function triedAgain([id, outcome]: [string, Outcome]): [string, Outcome] {
  if (outcome.state !== 'held') return [id, outcome]
  const message = 'The credentials were replaced meanwhile. Sluice sends this again with the new ones.'
  return [id, { state: 'retry', dueAt: new Date(), reason: 'transient', message }]
}

async function insertExchange(
  client: PoolClient,
  lane: Lane,
  { step, sent, startedAt, durationMs }: Exchange,
  credentials: readonly string[],
) {
  const id = uuidv7()
  const secrets = [...credentials, ...(step.personal ?? [])]
  const headers = Object.entries(step.request.headers).map(([name, value]) => [
    name,
    hideSecrets(value, secrets),
  ])
  const request = {
    method: step.request.method,
    url: scrub(hideSecrets(readable(step.request.url), secrets)),
    headers: Object.fromEntries(headers),
    body: maskJson(step.request.body ?? null, secrets),
  }
  const response = 'answer' in sent && {
    status: sent.answer.status,
    headers: maskJson(sent.answer.headers, secrets),
    body:
      sent.answer.body === null
        ? scrub(hideSecrets(sent.answer.text, secrets)).slice(0, TEXT_LIMIT)
        : maskJson(sent.answer.body, secrets),
  }
  await client.query(
    `insert into exchanges (shop_id, id, vendor, started_at, duration_ms, request, response, error)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      lane.shopId,
      id,
      lane.vendor,
      startedAt,
      durationMs,
      toJsonb(request),
      response ? toJsonb(response) : null,
      'failure' in sent ? sent.failure : null,
    ],
  )
  return id
}

/** The address with letters instead of their codes, where these are well-formed. */
function readable(url: string): string {
  try {
    return decodeURI(url)
  } catch {
    return url
  }
}

async function insertAttempts(
  client: PoolClient,
  lane: Lane,
  { step, readings }: Exchange,
  exchangeId: string,
  numbers: ReadonlyMap<string, number>,
) {
  const rows = step.deliveries.map(id => {
    const reading = readings.get(id)
    return {
      event_id: id,
      number: numbers.get(id) ?? 1,
      outcome: reading?.kind ?? 'retry',
      message: reading?.merchant ? scrub(reading.merchant) : null,
      log: reading?.log ? scrub(reading.log) : null,
    }
  })
  await client.query(
    `insert into attempts (shop_id, event_id, vendor, number, part, step, exchange_id, outcome, message, log)
     select $1, r.event_id, $2, r.number,
            (select count(*) from attempts a where a.shop_id = $1 and a.event_id = r.event_id and a.vendor = $2 and a.number = r.number),
            $3, $4, r.outcome, r.message, r.log
     from jsonb_to_recordset($5::jsonb) as r(event_id uuid, number int, outcome text, message text, log text)`,
    [lane.shopId, lane.vendor, step.name, exchangeId, toJsonb(rows)],
  )
}

async function remember(client: PoolClient, lane: Lane, step: Step, succeeded: readonly string[]) {
  const newest = [...succeeded].sort().at(-1)
  if (!step.leaves || newest === undefined) return
  const { subject, version } = step.leaves
  await client.query(
    `insert into memories (shop_id, vendor, subject, version, fingerprint, event_id, triggered_at, updated_at)
     values ($1, $2, $3, $4, $5, $6, (select triggered_at from events where shop_id = $1 and id = $6), now())
     on conflict (shop_id, vendor, subject) do update
       set version = excluded.version, fingerprint = excluded.fingerprint, event_id = excluded.event_id,
           triggered_at = excluded.triggered_at, updated_at = now()
     where memories.version is null or excluded.version is null or excluded.version >= memories.version`,
    [lane.shopId, lane.vendor, storable(subject), version, fingerprint(step.request.body), newest],
  )
}

async function updateDeliveries(client: PoolClient, lane: Lane, outcomes: ReadonlyMap<string, Outcome>) {
  if (outcomes.size === 0) return
  const rows = [...outcomes].map(([id, outcome]) => ({
    event_id: id,
    state: outcome.state,
    reason: 'reason' in outcome ? outcome.reason : null,
    message: outcome.message ? scrub(outcome.message) : null,
    due_at: outcome.state === 'retry' ? outcome.dueAt.toISOString() : null,
  }))
  await client.query(
    `update deliveries d
     set state = r.state, reason = r.reason, message = r.message, due_at = coalesce(r.due_at, d.due_at),
         replay = d.replay and r.state in ('retry', 'held'), updated_at = now()
     from jsonb_to_recordset($3::jsonb) as r(event_id uuid, state text, reason text, message text, due_at timestamptz)
     where d.shop_id = $1 and d.vendor = $2 and d.event_id = r.event_id
       and (d.state in ('pending', 'retry') or r.state = 'delivered')`,
    [lane.shopId, lane.vendor, toJsonb(rows)],
  )
}

/** Counts the attempt for every delivery carried, decided or not, and marks the step as done where it succeeded. */
async function countAttempt(
  client: PoolClient,
  lane: Lane,
  step: Step,
  numbers: ReadonlyMap<string, number>,
  succeeded: readonly string[],
) {
  const rows = step.deliveries.map(id => ({
    event_id: id,
    number: numbers.get(id) ?? 1,
    ok: succeeded.includes(id),
  }))
  await client.query(
    `update deliveries d
     set attempts = greatest(d.attempts, r.number), trying_since = coalesce(d.trying_since, now()),
         done = case when r.ok and not $3 = any(d.done) then array_append(d.done, $3) else d.done end
     from jsonb_to_recordset($4::jsonb) as r(event_id uuid, number int, ok boolean)
     where d.shop_id = $1 and d.vendor = $2 and d.event_id = r.event_id`,
    [lane.shopId, lane.vendor, step.name, toJsonb(rows)],
  )
}
