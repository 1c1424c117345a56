/**
 * The spool: requests that were acknowledged before they were translated, because more came than can be translated at
 * once, or because one could not be accepted for a reason of its own. What came together of one shop is one row,
 * compressed and sealed; it goes when all of it is accepted (docs/decisions/014-a-spool-under-load.md).
 */
import { deserialize, serialize } from 'node:v8'
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import type { Pool, PoolClient } from 'pg'
import { v7 as uuidv7 } from 'uuid'
import { z } from 'zod'
import { withTransaction } from '../db/database.ts'
import { type Log, withoutWords } from '../log.ts'
import type { Sealer } from '../secrets/seal.ts'
import { PATIENCE_MS } from './accept.ts'
import { createGroups } from './group.ts'

const spooled = z.object({
  kind: z.enum(['webhook', 'batch']),
  receivedAt: z.date(),
  /** What the request said beside its body, as whoever spooled it reads it again. */
  facts: z.record(z.string(), z.string().nullable()),
  /** The body as it came. */
  raw: z.custom<Uint8Array>(value => value instanceof Uint8Array),
})
/** A request as it came, its signature checked. */
export type Spooled = z.infer<typeof spooled>

/** @param why for operators: holds nothing of the request */
export type Failed = { item: Spooled; why: string }

export type Spool = {
  /**
   * Commits the request, together with others that come at the same time.
   * @returns false when the app is not installed in the shop: then nothing is kept
   * @throws when the database cannot commit, or four seconds later it has not: then what was kept all the same is known when
   *   the request comes again
   */
  keep(shopDomain: string, item: Spooled): Promise<boolean>
  /** The same for one that could not be accepted: it is tried again after a minute, and less often each time. */
  keepFailed(shopDomain: string, failed: Failed): Promise<boolean>
}

/** Requests in one commit at most. */
const GROUP = 64
const GROUPS_AT_ONCE = 2
/** How long what could not be accepted rests, in minutes, by how often it was tried; then an hour each time, for a week. */
const RETRY_MINUTES = [1, 5, 15]
const LAST_RETRY_MINUTES = 60
/** How long a row rests that could not be taken up at the moment, in seconds; doubled each time. */
const PUT_OFF_SECONDS = 2
const LONGEST_PUT_OFF_SECONDS = 60
/** A row that was put off so often is taken apart: one of its requests may hold up the others. */
const PUT_OFFS_TOGETHER = 2

/** Not later than now: the column has whole milliseconds, to which PostgreSQL would round up. */
const NOW = `date_trunc('milliseconds', now())`

type Row = {
  shopDomain: string
  items: readonly Spooled[]
  tries: number
  failure: string | null
  dueInSeconds: number
}
type Given = { shopDomain: string; item: Spooled; why: string | null }

export function createSpool(pool: Pool, sealer: Sealer): Spool {
  const keep = createGroups<Given, boolean>({
    max: GROUP,
    parallel: GROUPS_AT_ONCE,
    patienceMs: PATIENCE_MS,
    takesApart: () => false,
    async run(given) {
      const failed = given.flatMap(({ shopDomain, item, why }) =>
        why === null ? [] : failedRow(shopDomain, { item, why }, 1),
      )
      const fresh = Map.groupBy(
        given.filter(({ why }) => why === null),
        ({ shopDomain }) => shopDomain,
      )
      const kept = await insert(pool, sealer, [...[...fresh].map(freshRow), ...failed], 'installed')
      return given.map(({ shopDomain }) => kept.has(shopDomain))
    },
  })
  return {
    keep: (shopDomain, item) => keep({ shopDomain, item, why: null }),
    keepFailed: (shopDomain, { item, why }) => keep({ shopDomain, item, why }),
  }
}

function freshRow([shopDomain, given]: [string, readonly Given[]]): Row {
  return { shopDomain, items: given.map(({ item }) => item), tries: 0, failure: null, dueInSeconds: 0 }
}

function failedRow(shopDomain: string, { item, why }: Failed, tries: number): Row {
  const dueInSeconds = 60 * (RETRY_MINUTES[tries - 1] ?? LAST_RETRY_MINUTES)
  return { shopDomain, items: [item], tries, failure: why, dueInSeconds }
}

/**
 * One statement is one commit.
 * @param shops `known`: the app was installed when the requests came
 * @returns the shops whose rows were kept
 */
async function insert(
  client: Pool | PoolClient,
  sealer: Sealer,
  rows: readonly Row[],
  shops: 'installed' | 'known',
): Promise<Set<string>> {
  const values: unknown[] = []
  const tuples = rows.map(({ shopDomain, items, tries, failure, dueInSeconds }) => {
    const id = uuidv7()
    const body = packed(sealer, shopDomain, id, items)
    const row = [id, shopDomain, items.length, items[0]?.receivedAt, dueInSeconds, tries, failure, body]
    const places = row.map((value, i) => `$${values.push(value)}::${COLUMN_TYPES[i]}`)
    return `(${places.join(', ')})`
  })
  const kept = await client.query<{ domain: string }>(
    `with given (id, domain, items, received_at, due_in, tries, failure, body) as (values ${tuples.join(', ')}),
     kept as (
       insert into spool (id, shop_id, items, received_at, due_at, tries, failure, body)
       select g.id, s.id, g.items, g.received_at,
              ${NOW} + make_interval(secs => g.due_in), g.tries, g.failure, g.body
       from given g join shops s on s.domain = g.domain
       ${shops === 'installed' ? 'where s.uninstalled_at is null' : ''}
       returning id)
     select distinct domain from given join kept using (id)`,
    values,
  )
  return new Set(kept.rows.map(({ domain }) => domain))
}

const COLUMN_TYPES = ['uuid', 'text', 'int', 'timestamptz', 'float8', 'int', 'text', 'bytea']

/**
 * Takes up the oldest due row, that nobody else has in hand, of the next shop: a shop in a rush does not hold up the others.
 * @param after the shop of which something was taken up last, if any
 * @param accept accepts the requests, some of which may have been accepted before, when a process died in between
 * @returns the shop; null when there is nothing
 * @throws when the database fails: then the row stays, and is due still. What `accept` throws puts the row off for a while
 */
export async function takeSpooled(
  { pool, sealer, log }: { pool: Pool; sealer: Sealer; log: Log },
  after: number | null,
  accept: (shopDomain: string, items: readonly Spooled[]) => Promise<readonly Failed[]>,
): Promise<number | null> {
  // Looked for twice a second by every worker, and mostly there is nothing: a transaction would be three requests each time.
  if (after === null && (await pool.query(nextDue(), [0])).rowCount === 0) return null
  return withTransaction(pool, async client => {
    const row = (after !== null && (await claim(client, after))) || (await claim(client, 0))
    if (!row) return null
    const items = opened(sealer, row)
    if (items === null) {
      log.error({ shop: row.domain, spooled: row.id }, 'spooled, and cannot be opened here')
      await putOff(client, row, 'It cannot be opened: its key is missing, or another version wrote it.')
      return row.shop_id
    }
    const failed = await accept(row.domain, items).catch((error: unknown) => {
      log.warn({ err: error, shop: row.domain, spooled: row.id }, 'spooled, and cannot be accepted now')
      return null
    })
    if (failed === null && (items.length === 1 || row.tries < PUT_OFFS_TOGETHER)) {
      await putOff(client, row, null)
      return row.shop_id
    }
    await client.query('delete from spool where id = $1', [row.id])
    const { domain, tries } = row
    const again =
      failed?.map(each => failedRow(domain, each, tries + 1)) ??
      items.map(item => ({ shopDomain: domain, items: [item], tries, failure: null, dueInSeconds: 0 }))
    if (again.length > 0) await insert(client, sealer, again, 'known')
    return row.shop_id
  })
}

/** For another worker, or for when what is in its way is gone. @param failure null: it stays as it was */
async function putOff(client: PoolClient, { id, tries }: Claimed, failure: string | null): Promise<void> {
  const seconds = Math.min(LONGEST_PUT_OFF_SECONDS, PUT_OFF_SECONDS * 2 ** tries)
  await client.query(
    `update spool set tries = tries + 1, due_at = now() + make_interval(secs => $2), failure = coalesce($3, failure)
     where id = $1`,
    [id, seconds, failure],
  )
}

/** SQL: what has failed for a day is waited for no longer. */
const CAME_LATELY = "p.received_at > now() - interval '1 day'"
const IS_WAITED_FOR = `(p.failure is null or ${CAME_LATELY})`

/**
 * Whether something of the shop waits in the spool, which may be the order that something else waits for.
 * @param shopId an expression of SQL
 */
export const mayBeSpooled = (shopId: string) =>
  `exists (select from spool p where p.shop_id = ${shopId} and ${IS_WAITED_FOR})`

type Claimed = { id: string; shop_id: number; domain: string; tries: number; body: Buffer }

/** SQL: the first row that is due of the next shop that has any ($1: shops with a greater id only). */
const nextDue = (columns = '') => `select ${columns} from spool p join shops s on s.id = p.shop_id
  where p.shop_id > $1 and p.due_at <= now() order by p.shop_id, p.due_at, p.id limit 1`

/** @param after shops with a greater id only */
async function claim(client: PoolClient, after: number): Promise<Claimed | undefined> {
  const row = nextDue('p.id, p.shop_id, s.domain, p.tries, p.body')
  const result = await client.query<Claimed>(`${row} for update of p skip locked`, [after])
  return result.rows[0]
}

/** Makes everything in the spool due at once. @returns how many rows */
export async function hurrySpool(pool: Pool | PoolClient): Promise<number> {
  const { rowCount } = await pool.query(`update spool set due_at = ${NOW} where due_at > now()`)
  return rowCount ?? 0
}

/** `failed`: could not be accepted, and is tried again now and then; `old`: so for more than a day, and waited for no longer. */
export type SpoolKind = 'waiting' | 'failed' | 'old'
/** Requests in the spool, and when the oldest came (ISO 8601). Null: none is there. */
export type InSpool = Record<SpoolKind, { requests: number; since: string } | null>

const KINDS = {
  waiting: { is: 'p.failure is null', all: 'id', shop: 'due_at, id' },
  failed: { is: `p.failure is not null and ${CAME_LATELY}`, all: 'received_at', shop: 'received_at' },
  old: { is: `p.failure is not null and not ${CAME_LATELY}`, all: 'received_at', shop: 'received_at' },
} as const satisfies Record<SpoolKind, Record<'is' | 'all' | 'shop', string>>

/**
 * SQL, for the test of its plan too: of the first so many rows of a kind ($1) how many requests there are, and since when. Many of one
 * kind hide no other. However many wait, an index leads to those that were spooled first, or of one shop ($2) to those that have been due
 * for longest: the oldest is among them. What failed has indexes without what waits, by when it came.
 */
export function inSpoolStatement(of: 'all' | 'shop'): string {
  const shop = of === 'all' ? 'true' : 'p.shop_id = $2'
  const first = Object.entries(KINDS).map(
    ([kind, { is, [of]: order }]) =>
      `(select '${kind}' as kind, items, received_at from spool p where ${shop} and ${is} order by ${order} limit $1)`,
  )
  return `select kind, sum(items)::int as requests, min(received_at) as since from (${first.join(' union all ')}) p group by 1`
}

/**
 * @param shopId of this shop; null: of all
 * @param most so many rows of a kind are looked at; a greater number of requests means that there may be more
 * @returns null: nothing
 */
export async function inSpool(pool: Pool, shopId: number | null, most: number): Promise<InSpool | null> {
  const { rows } = await pool.query<{ kind: SpoolKind; requests: number; since: Date }>(
    inSpoolStatement(shopId === null ? 'all' : 'shop'),
    [most + 1, ...(shopId === null ? [] : [shopId])],
  )
  if (rows.length === 0) return null
  const found: InSpool = { waiting: null, failed: null, old: null }
  for (const { kind, requests, since } of rows) found[kind] = { requests, since: since.toISOString() }
  return found
}

export type SpoolLine = {
  shop: string
  /** Null: it waits for a worker. */
  failure: string | null
  requests: number
  oldest: Date
}

/** What is in the spool, by shop and failure, the oldest first. */
export async function listSpool(pool: Pool): Promise<SpoolLine[]> {
  const result = await pool.query<SpoolLine>(
    `select s.domain as shop, p.failure, sum(p.items)::int as requests, min(p.received_at) as oldest
     from spool p join shops s on s.id = p.shop_id group by 1, 2 order by 4, 1 limit 1000`,
  )
  return result.rows
}

const contextOf = (shopDomain: string, id: string) => [shopDomain, 'spool', id]
/** Of requests alike the fastest level leaves a tenth, in a few microseconds each. */
const FASTEST = { params: { [constants.ZSTD_c_compressionLevel]: 1 } }

function packed(sealer: Sealer, shopDomain: string, id: string, items: readonly Spooled[]): Buffer {
  return sealer.sealBytes(zstdCompressSync(serialize(items), FASTEST), contextOf(shopDomain, id))
}

/** Null when it cannot be read. */
function opened(sealer: Sealer, row: Claimed): Spooled[] | null {
  try {
    const plain = zstdDecompressSync(sealer.unsealBytes(row.body, contextOf(row.domain, row.id)))
    return z.array(spooled).parse(deserialize(plain))
  } catch {
    return null
  }
}

/** For operators: the kind of the error, whose message may quote the request. */
export function reasonOf(error: unknown): string {
  const { name, code } = withoutWords(error).failure
  return `It could not be accepted (${code ? `${name} ${code}` : name}); the log of that moment says more.`
}
