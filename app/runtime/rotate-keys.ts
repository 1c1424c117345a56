/**
 * Sealing anew with the first key what is sealed with another, while everything runs: some hundred rows at a time, each only where
 * it is still as it was read. What is broken off goes on when it is begun again, for what is done is not found any more.
 */
import type { Pool } from 'pg'
import { withTransaction } from '../db/database.ts'
import { comparable } from '../events/email.ts'
import { markContext } from '../identity/learn-links.ts'
import type { Sealer } from '../secrets/seal.ts'
import { type Lost, lostOf } from './lost-values.ts'
import { type Key, SEALED_COLUMNS, type SealedColumn } from './sealed-columns.ts'

export type Rotating = { pool: Pool; sealer: Sealer; keyId: string }

/** `unreadable`: sealed with a key that is not configured, or changed since; `lost` says where. */
export type Rotated = { table: string; column: string; sealed: number; unreadable: number; lost: Lost[] }

/** How many values are sealed with a key, or marked by it where `kind` says so. */
export type KeyUse = { table: string; column: string; kind: 'sealed' | 'mark'; key: string; count: number }

/** How far a rotation is: in the column at this place of `SEALED_COLUMNS`, after the row with this key. */
export type Place = { column: number; after: Key | null }
/** `next`: null when it is through. */
export type Step = Rotated & { next: Place | null }

export const BEGINNING: Place = { column: 0, after: null }
const CHUNK = 500
/** Rows read by one statement, whatever is found among them: some ten ms, where a whole table may take longer than a statement may. */
const LOOKED_AT = 5_000
const ROTATING = 0x6b657973

/** All steps, one after the other. Who takes no more of them breaks it off. */
export async function* rotateKeys(rotating: Rotating): AsyncGenerator<Rotated> {
  for (let place: Place | null = BEGINNING; place; ) {
    const { next, ...done }: Step = await rotateStep(rotating, place)
    yield done
    place = next
  }
}

/** Some hundred rows of a column, of some thousands that are looked at. Two that do it at once do it after one another. */
export async function rotateStep(rotating: Rotating, { column: index, after }: Place): Promise<Step> {
  const column = SEALED_COLUMNS[index]
  if (!column) throw new RangeError(`there is no sealed column ${index}`)
  const { rows, last } = await oldRows(rotating, column, after)
  const anew = rows.flatMap(row => sealedAnew(rotating, column, row))
  const opened = new Set(anew.map(({ sealed }) => sealed))
  const closed = rows.filter(({ sealed }) => !opened.has(sealed))
  const sealed = await replace(rotating, column, anew)
  const following = index + 1 < SEALED_COLUMNS.length ? { column: index + 1, after: null } : null
  return {
    ...{ table: column.table, column: column.column },
    ...{ sealed, unreadable: closed.length, lost: await lostOf(rotating.pool, column, closed) },
    next: last ? { column: index, after: last } : following,
  }
}

type Row = { key: Key; sealed: string; mark: string | null }
type Anew = Row & { anew: string; markAnew: string | null }

/** The next rows of a table in the order of their key: SQL, the key's columns, and what follows the key as JSON. */
function nextRows({ table, column, key, mark }: SealedColumn, after: Key | null) {
  const names = key.map(([name]) => name).join(', ')
  const place = key.map(([, type], i) => `$${i + 1}::text::${type}`).join(', ')
  return {
    names,
    json: `jsonb_build_object(${key.map(([name]) => `'${name}', ${name}::text`).join(', ')})`,
    looked: `select ${names}, ${column} as sealed, ${mark?.column ?? 'null::text'} as mark from ${table}
      ${after ? `where (${names}) > (${place})` : ''} order by ${names} limit ${LOOKED_AT}`,
    values: after ? key.map(([name]) => after[name]) : [],
  }
}

/** `last`: the key up to which rows were looked at; null: there are no more. */
async function oldRows(
  { pool, keyId }: Rotating,
  column: SealedColumn,
  after: Key | null,
): Promise<{ rows: Row[]; last: Key | null }> {
  const { names, json, looked, values } = nextRows(column, after)
  const id = `$${values.length + 1}::text`
  const { rows } = await pool.query<Row & { old: boolean }>(
    `with looked as materialized (${looked})
     (select ${json} as key, sealed, mark, true as old from looked
      where sealed is not null and (not starts_with(sealed, 'v1.' || ${id} || '.')
        ${column.mark ? `or not starts_with(mark, ${id} || '.')` : ''}) order by ${names} limit ${CHUNK})
     union all
     (select ${json}, '', null, false from looked order by ${names} offset ${LOOKED_AT - 1})`,
    [...values, keyId],
  )
  const old = rows.filter(row => row.old)
  const end = old.length === CHUNK ? old.at(-1) : rows.find(row => !row.old)
  return { rows: old, last: end?.key ?? null }
}

/** None where it does not unseal. */
function sealedAnew({ sealer }: Rotating, { context, mark: marked }: SealedColumn, row: Row): Anew[] {
  const { key, sealed, mark } = row
  const plain = sealer.tryUnseal(sealed, context(key, mark ?? ''))
  if (plain === null) return []
  const email = marked?.emailIn(plain) ?? null
  const markAnew =
    email === null ? mark : sealer.marks(comparable(email), markContext(Number(key.shop_id)))[0]
  return [{ ...row, anew: sealer.seal(plain, context(key, markAnew ?? '')), markAnew }]
}

/** @returns how many were still as they had been read */
function replace({ pool }: Rotating, column: SealedColumn, rows: readonly Anew[]): Promise<number> {
  const { table, key, mark } = column
  if (rows.length === 0) return Promise.resolve(0)
  const same = key.map(([name, type]) => `t.${name} = (r.key ->> '${name}')::${type}`).join(' and ')
  return withTransaction(pool, async client => {
    // Two that change the same rows in different orders would wait for each other.
    await client.query('select pg_advisory_xact_lock($1)', [ROTATING])
    const { rowCount } = await client.query(
      `update ${table} t set ${column.column} = r.anew ${mark ? `, ${mark.column} = r."markAnew"` : ''}
       from jsonb_to_recordset($1) as r (key jsonb, sealed text, anew text, "markAnew" text)
       where ${same} and t.${column.column} = r.sealed`,
      [JSON.stringify(rows)],
    )
    // The trigger takes secrets that differ for new settings; these are the same under another key.
    if (table === 'connections')
      await client.query(
        `delete from connection_changes t using jsonb_to_recordset($1) as r (key jsonb)
         where ${same} and t.what = 'settings' and t.xmin = pg_current_xact_id()::xid`,
        [JSON.stringify(rows)],
      )
    return rowCount ?? 0
  })
}

/** What stands under which key. Reads all of each table, some thousand rows at a time. */
export async function keyUses(pool: Pool): Promise<KeyUse[]> {
  const uses: KeyUse[] = []
  for (const each of SEALED_COLUMNS) {
    const { table, column, mark } = each
    const { sealed, marks } = await countKeys(pool, each)
    uses.push(...usesOf(sealed, { table, column, kind: 'sealed' }))
    if (mark) uses.push(...usesOf(marks, { table, column: mark.column, kind: 'mark' }))
  }
  const spooled = await pool.query<{ key: string; count: number }>(
    `select split_part(encode(substring(body for 40), 'escape'), '.', 2) as key, count(*)::int as count from spool group by 1 order by 1`,
  )
  uses.push(...spooled.rows.map(row => ({ table: 'spool', column: 'body', kind: 'sealed' as const, ...row })))
  return uses
}

type Counts = Map<string, number>

async function countKeys(pool: Pool, column: SealedColumn): Promise<{ sealed: Counts; marks: Counts }> {
  const sealed: Counts = new Map()
  const marks: Counts = new Map()
  for (let after: Key | null = null, more = true; more; more = after !== null) {
    const { names, json, looked, values } = nextRows(column, after)
    const { rows } = await pool.query<{
      sealed: string | null
      mark: string | null
      count: number
      last: Key | null
    }>(
      `with looked as materialized (
         select ${names}, split_part(sealed, '.', 2) as sealed, split_part(mark, '.', 1) as mark from (${looked}) rows)
       select sealed, mark, count(*)::int as count,
         (select ${json} from looked order by ${names} offset ${LOOKED_AT - 1}) as last from looked group by 1, 2`,
      values,
    )
    for (const row of rows) {
      addTo(sealed, row.sealed, row.count)
      addTo(marks, row.mark, row.count)
    }
    after = rows[0]?.last ?? null
  }
  return { sealed, marks }
}

function addTo(counts: Counts, key: string | null, count: number): void {
  if (key !== null) counts.set(key, (counts.get(key) ?? 0) + count)
}

function usesOf(counts: Counts, where: Pick<KeyUse, 'table' | 'column' | 'kind'>): KeyUse[] {
  const sorted = [...counts].sort(([a], [b]) => (a < b ? -1 : 1))
  return sorted.map(([key, count]) => ({ ...where, key, count }))
}
