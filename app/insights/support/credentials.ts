/** When a shop's settings were saved, when the credentials among them were set, and when they were last seen to work. */
import type { Pool } from 'pg'

export type CredentialTimes = {
  vendor: string
  savedAt: Date
  secretsSetAt: Date | null
  workedAt: Date | null
}

/** Of a lane's deliveries so many are looked at for the newest that arrived. */
const LOOK = 500

/**
 * Of each connection. `savedAt`: the last time its settings were saved. `secretsSetAt`: the last time that one of its secrets
 * became another, null: before this was kept. `workedAt`: the newest of a test that passed and a delivery
 * that arrived, among the lane's newest; where none of these did, the end of the last day on which any did.
 */
export async function credentialTimes(pool: Pool, shopId: number): Promise<CredentialTimes[]> {
  const { rows } = await pool.query<CredentialTimes>(
    `select c.vendor, coalesce(saved.at, c.created_at) as "savedAt", c.secrets_set_at as "secretsSetAt",
       coalesce(greatest(tested.at, case when c.test_ok then c.tested_at end, arrived.at), counted.at) as "workedAt"
     from connections c join shops s on s.id = c.shop_id
     left join lateral (
       select max(at) as at from connection_changes h
       where h.shop_id = c.shop_id and h.vendor = c.vendor and h.what in ('connected', 'settings')) saved on true
     left join lateral (
       select max(at) as at from connection_changes h
       where h.shop_id = c.shop_id and h.vendor = c.vendor and h.what = 'test_passed') tested on true
     left join lateral (
       select max(d.updated_at) filter (where d.state = 'delivered') as at from (
         select state, updated_at from deliveries d where d.shop_id = c.shop_id and d.vendor = c.vendor
         order by event_id desc limit ${LOOK}) d) arrived on true
     left join lateral (
       select day_begins(max(day) + 1, s.days_zone) as at from delivery_days y
       where y.shop_id = c.shop_id and y.vendor = c.vendor and y.state = 'delivered' and arrived.at is null
         and y.day < day_of(now(), s.days_zone)) counted on true
     where c.shop_id = $1 order by c.vendor`,
    [shopId],
  )
  return rows
}
