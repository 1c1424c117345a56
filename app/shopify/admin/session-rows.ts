/** Sessions as rows: tokens and staff sealed. */
import { Session } from '@shopify/shopify-api'
import { z } from 'zod'
import type { Sealer } from '../../secrets/seal.ts'
import { openColumn, type SealedColumn, sealColumn } from './session-seal.ts'

export type SessionRow = {
  id: string
  shop: string
  state: string
  is_online: boolean
  scope: string | null
  expires: Date | null
  access_token: string | null
  refresh_token: string | null
  refresh_token_expires: Date | null
  staff: string | null
}

export const SESSION_COLUMNS =
  'id, shop, state, is_online, scope, expires, access_token, refresh_token, refresh_token_expires, staff'

/** What Shopify tells of the member of staff to whom an online session belongs; it may tell more, which is kept too. */
const staffSchema = z.looseObject({
  expires_in: z.number(),
  associated_user_scope: z.string(),
  associated_user: z.looseObject({
    id: z.number(),
    first_name: z.string(),
    last_name: z.string(),
    email: z.string(),
    email_verified: z.boolean(),
    account_owner: z.boolean(),
    locale: z.string(),
    collaborator: z.boolean(),
  }),
})

export function rowOfSession(sealer: Sealer, session: Session): SessionRow {
  const { id, onlineAccessInfo } = session
  const sealed = (column: SealedColumn, value: string | undefined) =>
    value ? sealColumn(sealer, id, column, value) : null
  return {
    id,
    shop: session.shop,
    state: session.state,
    is_online: session.isOnline,
    scope: session.scope ?? null,
    expires: session.expires ?? null,
    access_token: sealed('access_token', session.accessToken),
    refresh_token: sealed('refresh_token', session.refreshToken),
    refresh_token_expires: session.refreshTokenExpires ?? null,
    staff: sealed('staff', onlineAccessInfo && JSON.stringify(onlineAccessInfo)),
  }
}

export function sessionOfRow(sealer: Sealer, row: SessionRow): Session {
  const { id, shop, state } = row
  const accessToken = openColumn(sealer, id, 'access_token', row.access_token)
  const refreshToken = openColumn(sealer, id, 'refresh_token', row.refresh_token)
  const staff = openColumn(sealer, id, 'staff', row.staff)
  return new Session({
    id,
    shop,
    state,
    isOnline: row.is_online,
    ...(row.scope !== null && { scope: row.scope }),
    ...(row.expires && { expires: row.expires }),
    ...(accessToken !== null && { accessToken }),
    ...(refreshToken !== null && { refreshToken }),
    ...(row.refresh_token_expires && { refreshTokenExpires: row.refresh_token_expires }),
    ...(staff !== null && { onlineAccessInfo: staffSchema.parse(JSON.parse(staff)) }),
  })
}
