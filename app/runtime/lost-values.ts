/** What a rotation of keys could not open: where it is, under which key, and whose it is. */
import type { Pool } from 'pg'
import type { Key, SealedColumn } from './sealed-columns.ts'

/** `of`: shops, or of accounts their e-mails; some of them only. */
export type Lost = { table: string; column: string; key: string; count: number; of: string[] }

const MOST_NAMED = 5

/** By key. */
export async function lostOf(
  pool: Pool,
  column: SealedColumn,
  rows: readonly { key: Key; sealed: string }[],
): Promise<Lost[]> {
  const byKey = Map.groupBy(rows, ({ sealed }) => sealed.split('.')[1] ?? '')
  return Promise.all(
    [...byKey].map(async ([key, its]) => ({
      ...{ table: column.table, column: column.column, key, count: its.length },
      of: await namesOf(
        pool,
        column,
        its.map(each => each.key),
      ),
    })),
  )
}

async function namesOf(pool: Pool, { table }: SealedColumn, keys: readonly Key[]): Promise<string[]> {
  if (table === 'support_accounts') return some(keys.map(({ email = '' }) => email))
  // The id of a shop's own session ends in its domain (app/shopify/admin/session-storage.ts).
  if (table === 'sessions') return some(keys.map(({ id = '' }) => id.replace(/^offline_/, '')))
  const ids = new Set(keys.map(key => Number(table === 'shops' ? key.id : key.shop_id)))
  const { rows } = await pool.query<{ domain: string }>(
    'select domain from shops where id = any($1) order by domain limit $2',
    [[...ids], MOST_NAMED],
  )
  return rows.map(({ domain }) => domain)
}

/** Those of several steps as one list. */
export function lostTogether(all: readonly Lost[]): Lost[] {
  const byPlace = Map.groupBy(all, ({ table, column, key }) => `${table}.${column} ${key}`)
  return [...byPlace.values()].flatMap(its => {
    const [first] = its
    const count = its.reduce((sum, each) => sum + each.count, 0)
    return first ? [{ ...first, count, of: some(its.flatMap(each => each.of)) }] : []
  })
}

/** As the audit keeps it. */
export const lostInWords = ({ table, column, key, count, of }: Lost): string =>
  `${count} in ${table}.${column} under "${key}"${of.length > 0 ? ` (${of.join(' ')})` : ''}`

const some = (names: readonly string[]): string[] => [...new Set(names)].slice(0, MOST_NAMED)
