/** Holds that support gave an end: they end by themselves, and the audit has it. */
import type { Pool } from 'pg'
import { withTransaction } from '../db/database.ts'
import { BY_ITSELF, writeAudit } from '../support/audit.ts'
import { HOLD_ENDED } from './lane-state.ts'

/** Connections changed by one transaction: accepting an event waits for no lock for longer than a moment. */
const AT_ONCE = 250

type Ended = { shop: string; vendor: string; reason: string; since: Date; until: Date }

/** Holds whose time has come end; the sweep that comes next starts their lanes. */
export async function endHolds(pool: Pool): Promise<void> {
  while ((await endSome(pool)) === AT_ONCE);
}

/** @returns how many */
function endSome(pool: Pool): Promise<number> {
  return withTransaction(pool, async client => {
    const ended = await client.query<Ended>(
      `with due as (
         select c.shop_id, c.vendor, s.domain as shop, c.hold_reason as reason, c.hold_since as since, c.hold_until as until
         from connections c join shops s on s.id = c.shop_id
         where c.hold_reason is not null and c.hold_until <= now()
         order by c.shop_id, c.vendor limit ${AT_ONCE} for update of c skip locked)
       update connections c set ${HOLD_ENDED} from due where (c.shop_id, c.vendor) = (due.shop_id, due.vendor)
       returning due.shop, due.vendor, due.reason, due.since, due.until`,
    )
    await writeAudit(
      client,
      BY_ITSELF,
      ended.rows.map(({ shop, vendor, ...before }) => ({
        action: 'release',
        shop,
        vendor,
        reason: 'The end that it was given had come.',
        before,
        after: null,
      })),
    )
    return ended.rows.length
  })
}
