/**
 * Shopify's session storage over our table. Shopify's own package for it keeps tokens in plain text; here nothing of
 * one stands in the database.
 */
import type { Session } from '@shopify/shopify-api'
import type { Pool } from 'pg'
import type { Sealer } from '../../secrets/seal.ts'
import { rowOfSession, SESSION_COLUMNS, type SessionRow, sessionOfRow } from './session-rows.ts'
import { offlineId } from './token.ts'
import { clearTrouble } from './trouble.ts'

/** What `shopifyApp({ sessionStorage })` asks for (`SessionStorage` of @shopify/shopify-app-session-storage). */
export type SessionStorage = {
  /** Creates or replaces the session. @returns true */
  storeSession(session: Session): Promise<boolean>
  /** @returns undefined when there is none */
  loadSession(id: string): Promise<Session | undefined>
  /** @returns true, also when there was none */
  deleteSession(id: string): Promise<boolean>
  deleteSessions(ids: string[]): Promise<boolean>
  /** @returns all of the shop, those that last longest first */
  findSessionsByShop(shop: string): Promise<Session[]>
}

/** Every method throws when the database cannot be used. */
export function createSessionStorage(pool: Pool, sealer: Sealer): SessionStorage {
  const storage: SessionStorage = {
    async storeSession(session) {
      const row = rowOfSession(sealer, session)
      await pool.query(
        `insert into sessions (${SESSION_COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         on conflict (id) do update set
           (shop, state, is_online, scope, expires, access_token, refresh_token, refresh_token_expires, staff, updated_at) =
           ($2, $3, $4, $5, $6, $7, $8, $9, $10, now())`,
        [
          row.id,
          row.shop,
          row.state,
          row.is_online,
          row.scope,
          row.expires,
          row.access_token,
          row.refresh_token,
          row.refresh_token_expires,
          row.staff,
        ],
      )
      if (!session.isOnline && session.accessToken) await clearTrouble(pool, session.shop)
      return true
    },
    async loadSession(id) {
      const result = await pool.query<SessionRow>(`select ${SESSION_COLUMNS} from sessions where id = $1`, [
        id,
      ])
      const [row] = result.rows
      return row && sessionOfRow(sealer, row)
    },
    deleteSession: id => storage.deleteSessions([id]),
    async deleteSessions(ids) {
      await pool.query('delete from sessions where id = any($1)', [ids])
      return true
    },
    async findSessionsByShop(shop) {
      const result = await pool.query<SessionRow>(
        `select ${SESSION_COLUMNS} from sessions where shop = $1 order by expires desc nulls first, id`,
        [shop],
      )
      return result.rows.map(row => sessionOfRow(sealer, row))
    },
  }
  return storage
}

/** Whether Shopify has ever given the app access to the shop, which may have ended. @param shop "name.myshopify.com" */
export async function hasSession(pool: Pool, shop: string): Promise<boolean> {
  const result = await pool.query(
    'select from sessions where id = $1 and coalesce(access_token, refresh_token) is not null',
    [offlineId(shop)],
  )
  return result.rowCount === 1
}
