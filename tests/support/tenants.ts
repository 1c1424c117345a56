/** Everything that a database keeps of one shop, as one value to compare: but for what chores count from the rest, whenever they do. */
import { createHash } from 'node:crypto'
import type { Pool } from 'pg'

/** How a shop is known where no column is called shop_id. */
const OTHERWISE: Readonly<Record<string, string>> = {
  shops: 't.id = $2',
  sessions: 't.shop = (select domain from shops where id = $2)',
  audit_entries: 't.shop = (select domain from shops where id = $2)',
  circuits: "t.key like 'lane:' || $2 || ':%'",
}

/** What chores note of their own work at a shop. */
const NOTED = ['hosts', 'hosts_asked_at', 'days_zone', 'admin_trouble', 'admin_trouble_at']
const COUNTED = new Set(['alerts', 'delivery_days', 'delivery_days_due', 'lane_health', 'lane_health_due'])

/**
 * Of all tables, also those that are added later.
 * @param shopId unset: of all shops
 * @returns a digest by table that has rows
 */
export async function digestOf(pool: Pool, shopId?: number): Promise<Record<string, string>> {
  const { rows: tables } = await pool.query<{ name: string; scoped: boolean }>(
    `select c.relname as name, exists (select from pg_attribute a
            where a.attrelid = c.oid and a.attname = 'shop_id' and not a.attisdropped) as scoped
     from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
     order by 1`,
  )
  const digests: Record<string, string> = {}
  for (const { name, scoped } of tables) {
    const own = scoped ? 't.shop_id = $2' : OTHERWISE[name]
    if (!own || COUNTED.has(name)) continue
    const { rows } = await pool.query<{ row: string }>(
      `select (to_jsonb(t) - $1::text[])::text as row from "${name}" t ${shopId === undefined ? '' : `where ${own}`} order by 1`,
      [name === 'shops' ? NOTED : [], ...(shopId === undefined ? [] : [shopId])],
    )
    if (rows.length > 0)
      digests[name] = createHash('sha256')
        .update(rows.map(({ row }) => row).join('\n'))
        .digest('hex')
  }
  return digests
}
