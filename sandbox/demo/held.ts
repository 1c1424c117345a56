/** What support did to the demo shop in its week: an hour's hold of one vendor, in which nothing came that would have waited. */

import { endHold, startHold } from '../../app/delivery/lane-state.ts'
import { MERCHANT_READS } from '../../app/support/audit.ts'
import { DEMO_SHOP, type Demo } from './environment.ts'

const VENDOR = 'voucherify'
const REASON = 'Voucherify announced maintenance of its API for this hour.'
const HOUR_MS = 3600_000
const ACTOR = { actor: 'support@example.com', role: 'agent' } as const

/** @param time when it begins, in milliseconds @throws when the vendor is not connected, or held already */
export async function heldForAnHour({ server }: Demo, time: number): Promise<void> {
  const { pool } = server.services
  const { rows } = await pool.query<{ id: number }>('select id from shops where domain = $1', [DEMO_SHOP])
  const lane = { shopId: rows[0]?.id ?? 0, vendor: VENDOR }
  const hold = { reason: REASON, until: null }
  if (!(await startHold(pool, lane, hold))) throw new Error(`${VENDOR} is not connected`)
  if (!(await endHold(pool, lane))) throw new Error(`${VENDOR} was not held`)
  // The database's clock is the computer's; the story has its own.
  const [began, ended] = [new Date(time), new Date(time + HOUR_MS)]
  await pool.query(
    `update connection_changes set at = case what when 'hold' then $3::timestamptz else $4 end
     where shop_id = $1 and vendor = $2 and what in ('hold', 'release')`,
    [lane.shopId, VENDOR, began, ended],
  )
  await pool.query('update connections set released_at = $3 where shop_id = $1 and vendor = $2', [
    ...[lane.shopId, VENDOR, ended],
  ])
  const entries = [
    { ...ACTOR, at: began, action: 'hold', reason: REASON, before: null, after: hold },
    {
      ...ACTOR,
      at: ended,
      action: 'release',
      reason: 'Their maintenance is over.',
      before: hold,
      after: MERCHANT_READS,
    },
  ]
  await pool.query(
    `insert into audit_entries (at, actor, role, action, shop, vendor, reason, before, after)
     select e.at, e.actor, e.role, e.action, $2, $3, e.reason, e.before, e.after
     from jsonb_to_recordset($1)
       as e (at timestamptz, actor text, role text, action text, reason text, before jsonb, after jsonb)`,
    [JSON.stringify(entries), DEMO_SHOP, VENDOR],
  )
}
