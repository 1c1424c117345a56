/**
 * Builds the indexes of large tables that migrations are about to make, before they are and while others write: the migration is then a
 * matter of a moment.
 *
 * - Of partitioned tables partition by partition. PostgreSQL builds none of these `CONCURRENTLY`, but `CREATE INDEX` on one takes over what
 *   its partitions have that is the same (https://www.postgresql.org/docs/current/ddl-partitioning.html, 5.12.2.2).
 * - Of others those that the migration makes `IF NOT EXISTS`: what is built is there by then.
 */
import pg from 'pg'
import type { Migration } from './migrations.ts'
import { PARTITIONED } from './partitions.ts'

/** An index as a migration makes it. `definition`: what follows the table's name. */
export type PlannedIndex = { name: string; table: string; definition: string }

/** Of smaller tables and partitions it is built by the migration: that takes some milliseconds, and this waits for whatever transaction runs. */
const LEAST_BYTES = 8 * 1024 * 1024

const CREATED = /^\s*CREATE INDEX (IF NOT EXISTS )?"?(\w+)"?\s+ON "?(\w+)"?\s*([^;]+);/gim
const COMMENT = /^\s*--.*$/gm
/** What the migrations are still to make: tables (undefined_table) and columns (undefined_column). */
const NOT_THERE_YET = ['42P01', '42703']

/** What was built, and for which migration that has to wait. */
export type Ahead = {
  /** Of each index of a table or a partition its name, in order. */
  built: string[]
  /** The first migration with an index of a large table that needs what others still have to make, such as a column; null: none. */
  waits: Migration | null
}

/** The indexes that a migration makes and that can be built before, in order. */
export function plannedIndexes({ sql }: Pick<Migration, 'sql'>): PlannedIndex[] {
  return [...sql.replace(COMMENT, '').matchAll(CREATED)].flatMap(
    ([, missing, name = '', table = '', definition = '']) =>
      isPartitioned(table) || missing ? [{ name, table, definition: definition.trim() }] : [],
  )
}

const isPartitioned = (table: string) => Object.hasOwn(PARTITIONED, table)

/**
 * Builds what can be built already, and again what was left half-made. By one process at a time: the caller has the migrations' lock, in a
 * session that holds no snapshot.
 * @param url a direct connection string
 * @param leastBytes for tests: of smaller tables and partitions nothing is built
 * @throws what PostgreSQL says, but for what the migrations themselves are still to make; begun again, it goes on where it was
 */
export async function buildAhead(
  url: string,
  migrations: readonly Migration[],
  leastBytes = LEAST_BYTES,
): Promise<Ahead> {
  const built: string[] = []
  let waits: Migration | null = null
  const planned = migrations.flatMap(migration =>
    plannedIndexes(migration).map(index => ({ ...index, migration })),
  )
  if (planned.length === 0) return { built, waits }
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  try {
    await client.query('set statement_timeout = 0')
    for (const { migration, ...index } of planned) {
      const one = await buildOne(client, index, leastBytes)
      built.push(...one.built)
      if (one.waits) waits ??= migration
    }
    return { built, waits }
  } finally {
    await client.end()
  }
}

type Part = { table: string; index: string; valid: boolean | null }

/** Large, or it is there already and of no use. */
const IS_LACKING =
  'x.indisvalid is distinct from true and (pg_relation_size(p.oid) >= $3 or not x.indisvalid)'

/** Partitions that lack it, each with the name it is to have there and whether one is there by that name: `valid` null if not. */
const PARTS = `
  select quote_ident(p.relname) as table, quote_ident(n.name) as index, x.indisvalid as valid
  from pg_inherits i
  join pg_class p on p.oid = i.inhrelid and p.relkind = 'r'
  cross join lateral (select $2 || substr(p.relname, length($1) + 1) as name) n
  left join pg_index x on x.indrelid = p.oid and x.indexrelid = to_regclass(quote_ident(n.name))
  where i.inhparent = to_regclass($1) and to_regclass($2) is null
    and ${IS_LACKING}
  order by p.relname`

/** The same of a table that is not partitioned. */
const WHOLE = `
  select quote_ident(p.relname) as table, quote_ident($2) as index, x.indisvalid as valid
  from pg_class p left join pg_index x on x.indrelid = p.oid and x.indexrelid = to_regclass(quote_ident($2))
  where p.oid = to_regclass($1) and ${IS_LACKING}`

async function buildOne(
  client: pg.Client,
  { name, table, definition }: PlannedIndex,
  leastBytes: number,
): Promise<{ built: string[]; waits: boolean }> {
  const { rows } = await client.query<Part>(isPartitioned(table) ? PARTS : WHOLE, [table, name, leastBytes])
  const built: string[] = []
  for (const { table: part, index, valid } of rows) {
    // Broken off in its middle, it is there and of no use: the migration would take it as it is.
    if (valid === false) await client.query(`drop index concurrently if exists ${index}`)
    try {
      await client.query(`create index concurrently ${index} on ${part} ${definition}`)
      built.push(index)
    } catch (error) {
      if (!NOT_THERE_YET.includes((error as { code?: string }).code ?? '')) throw error
      return { built, waits: true }
    }
  }
  return { built, waits: false }
}
