/**
 * A shop's access token for background work. Tokens last an hour, and each refresh replaces the refresh token as well
 * (https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/offline-access-tokens), so a shop's is
 * refreshed by one process at a time, under a lock on its row that is held until the new pair is committed.
 *
 * A refresh whose answer was lost, or could not be committed, is made again with the same refresh token: Shopify retires it
 * only when its replacement is used
 * (https://shopify.dev/changelog/more-resilient-refreshes-for-expiring-offline-access-tokens).
 */
import type { Pool, PoolClient } from 'pg'
import { z } from 'zod'
import { isConflict, isUnavailable, withTransaction } from '../../db/database.ts'
import type { Log } from '../../log.ts'
import type { Sealer } from '../../secrets/seal.ts'
import { type AdminFailure, adminFailure, failureOfStatus } from './failure.ts'
import { type AdminAnswer, type AdminHttp, retryAfterMs } from './http.ts'
import { openColumn, sealColumn } from './session-seal.ts'
import { clearTrouble, noteTrouble } from './trouble.ts'

/** A token that expires sooner is refreshed first: a request with it could arrive too late. */
const MARGIN_SECONDS = 60
/** A process that waits for another's refresh gives up by its pool's lock time-out, and comes again after this. */
const WAITED_RETRY_MS = 5_000

export type Token = { token: string } | { failure: AdminFailure }
export type Tokens = {
  /** A token that lasts a minute at least. @param refused one that Shopify refused, whatever its time */
  withToken(shop: string, refused?: string): Promise<Token>
}
export type TokensContext = {
  /** Its lock time-out bounds the wait for another process; its statement time-out must be longer than a request's. */
  pool: Pool
  sealer: Sealer
  http: AdminHttp
  log: Log
  apiKey: string
  apiSecret: string
}

/** Shopify's library names offline sessions so. */
export const offlineId = (shop: string): string => `offline_${shop}`

const refreshedSchema = z.object({
  access_token: z.string().min(1),
  scope: z.string().optional(),
  expires_in: z.number().positive(),
  refresh_token: z.string().min(1),
  refresh_token_expires_in: z.number().positive(),
})
const refusedSchema = z.object({ error: z.string() })

type Row = {
  access_token: string | null
  refresh_token: string | null
  fresh: boolean
  refreshable: boolean
  uninstalled: boolean
}

export function createTokens(context: TokensContext): Tokens {
  const { pool, sealer, log } = context
  const refreshing = new Map<string, Promise<Token>>()

  /** @returns null when it must be refreshed */
  function usable(shop: string, row: Row | undefined, refused: string | undefined): Token | null {
    const id = offlineId(shop)
    const token = openColumn(sealer, id, 'access_token', row?.access_token ?? null)
    if (!row || (token === null && row.refresh_token === null))
      return { failure: adminFailure('no_session', 'no offline session') }
    if (row.uninstalled) return { failure: adminFailure('gone', 'uninstalled') }
    return token !== null && row.fresh && token !== refused ? { token } : null
  }

  async function refreshed(shop: string, refused: string | undefined): Promise<Token> {
    try {
      return await withTransaction(pool, async client => {
        const row = await readRow(client, shop, 'for update')
        return usable(shop, row, refused) ?? (await refreshLocked(context, client, shop, row))
      })
    } catch (error) {
      if (!isConflict(error) && !isUnavailable(error)) throw error
      log.warn({ shop, err: error }, 'token not refreshed')
      const why = isConflict(error) ? 'another process refreshes the token' : 'database unavailable'
      return { failure: adminFailure('unreachable', why, WAITED_RETRY_MS) }
    }
  }

  return {
    async withToken(shop, refused) {
      const found = usable(shop, await readRow(pool, shop, ''), refused)
      if (found && 'failure' in found) await noteTrouble(pool, shop, found.failure)
      if (found) return found
      // Callers here share one wait, and one connection; those that refuse another token may need another.
      const key = `${shop} ${refused ?? ''}`
      const under = refreshing.get(key)
      if (under) return under
      const work = refreshed(shop, refused).finally(() => refreshing.delete(key))
      refreshing.set(key, work)
      return work
    },
  }
}

/** Ages by the database's clock, which all processes share. */
async function readRow(
  client: Pool | PoolClient,
  shop: string,
  lock: '' | 'for update',
): Promise<Row | undefined> {
  const result = await client.query<Row>(
    `select access_token, refresh_token,
            expires is null or expires > now() + make_interval(secs => $2) as fresh,
            refresh_token is not null and (refresh_token_expires is null or refresh_token_expires > now()) as refreshable,
            exists (select from shops where domain = sessions.shop and uninstalled_at is not null) as uninstalled
     from sessions where id = $1 ${lock}`,
    [offlineId(shop), MARGIN_SECONDS],
  )
  return result.rows[0]
}

async function refreshLocked(
  { http, sealer, apiKey, apiSecret, log }: TokensContext,
  client: PoolClient,
  shop: string,
  row: Row | undefined,
): Promise<Token> {
  const id = offlineId(shop)
  const refreshToken = row?.refreshable ? openColumn(sealer, id, 'refresh_token', row.refresh_token) : null
  if (refreshToken === null)
    return failed(client, shop, adminFailure('reopen', 'no refresh token that may be used'))
  const answer = await http.post(
    shop,
    '/admin/oauth/access_token',
    {},
    { client_id: apiKey, client_secret: apiSecret, grant_type: 'refresh_token', refresh_token: refreshToken },
  )
  const parsed =
    'status' in answer && answer.status === 200 ? refreshedSchema.safeParse(answer.body) : undefined
  if (!parsed?.success) {
    const { failure, dead } = meaningOf(answer)
    // Never sent again. The row stays: storing a new session replaces it.
    if (dead) await client.query('update sessions set refresh_token = null where id = $1', [id])
    log.warn({ shop, failure: failure.kind, detail: failure.log }, 'token not refreshed')
    return failed(client, shop, failure)
  }
  const { access_token: token, scope, ...times } = parsed.data
  // Times count from the transaction's begin, before Shopify made the token.
  await client.query(
    `update sessions set access_token = $2, refresh_token = $3, scope = coalesce($4, scope), updated_at = now(),
       expires = now() + make_interval(secs => $5), refresh_token_expires = now() + make_interval(secs => $6)
     where id = $1`,
    [
      id,
      sealColumn(sealer, id, 'access_token', token),
      sealColumn(sealer, id, 'refresh_token', times.refresh_token),
      scope ?? null,
      times.expires_in,
      times.refresh_token_expires_in,
    ],
  )
  await clearTrouble(client, shop)
  log.info({ shop }, 'token refreshed')
  return { token }
}

/** @param client the transaction's: the trouble is committed with what else the failure changes */
async function failed(client: PoolClient, shop: string, failure: AdminFailure): Promise<Token> {
  await noteTrouble(client, shop, failure)
  return { failure }
}

/** Error codes by RFC 6749, 5.2; Shopify also names `invalid_subject_token`. */
const DEAD = new Set(['invalid_grant', 'invalid_subject_token'])
const APP_REFUSED = new Set(['invalid_client', 'unauthorized_client', 'application_cannot_be_found'])
const APP_REFUSED_RETRY_MS = 60_000

/** What an answer means that is no token. `dead`: this refresh token will never work again. */
function meaningOf(answer: AdminAnswer | { failure: string }): { failure: AdminFailure; dead?: true } {
  if ('failure' in answer) return { failure: adminFailure('unreachable', answer.failure) }
  const { status, headers, body } = answer
  const said = refusedSchema.safeParse(body)
  const error = said.success ? said.data.error : ''
  if (DEAD.has(error)) return { failure: adminFailure('reopen', `status ${status}, ${error}`), dead: true }
  if (APP_REFUSED.has(error))
    return { failure: adminFailure('app_refused', `status ${status}, ${error}`, APP_REFUSED_RETRY_MS) }
  const known = failureOfStatus(status, retryAfterMs(headers))
  if (known && known.kind !== 'denied') return { failure: known }
  // Without a word of the refresh token it is kept: the next time something is asked it is tried again.
  const refused = status === 400 || status === 401 || status === 403
  return { failure: adminFailure(refused ? 'reopen' : 'unreadable', `status ${status} to a refresh`) }
}
