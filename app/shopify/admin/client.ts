/** The GraphQL Admin API of a shop, for background work: token, limits, one renewal, and an outcome in every case. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Pool } from 'pg'
import type { z } from 'zod'
import type { Log } from '../../log.ts'
import type { Sealer } from '../../secrets/seal.ts'
import { API_VERSION } from '../api-version.ts'
import { meaningOfAnswer } from './answer.ts'
import { type AdminFailure, adminFailure } from './failure.ts'
import { type AdminHttp, createAdminHttp } from './http.ts'
import { createTokens, type Token, type Tokens } from './token.ts'
import { clearTrouble, noteTrouble } from './trouble.ts'

/** One question waits for its turn no longer than this; whoever asks may come again later. */
const PATIENCE_MS = 10_000

export type AdminResult<T> =
  /** `denied`: paths of fields that are null because the app may not see them. */
  { ok: true; data: T; denied: string[] } | { ok: false; failure: AdminFailure }

export type Admin = {
  /**
   * Asks a shop. Never throws for what Shopify does. Not for the way of a webhook to its 200: it may take some ten seconds.
   * @param shop "name.myshopify.com"
   * @param schema of the answer's `data`; what Shopify may withhold must be nullable in it
   * @param waitMs how long to wait for the shop's limit, ten seconds unless told; 0: not at all, whoever asks comes again
   * @throws when the database cannot be used
   */
  adminQuery<T>(
    shop: string,
    query: string,
    variables: Readonly<Record<string, unknown>>,
    schema: z.ZodType<T>,
    waitMs?: number,
  ): Promise<AdminResult<T>>
  withToken: Tokens['withToken']
  close(): Promise<void>
}

export type AdminOptions = {
  /** Its statement time-out must be longer than 12 s: a refresh holds a row while Shopify is asked. */
  pool: Pool
  sealer: Sealer
  log: Log
  apiKey: string
  apiSecret: string
  /** Replaces scheme, host and port for every shop; null: the shop's own. */
  baseUrl: string | null
  http?: AdminHttp
  patienceMs?: number
}

export function createAdmin(options: AdminOptions): Admin {
  const { pool, log, http = createAdminHttp(options.baseUrl), patienceMs = PATIENCE_MS } = options
  const { withToken } = createTokens({ ...options, http })

  async function ended<T>(shop: string, failure: AdminFailure): Promise<AdminResult<T>> {
    await noteTrouble(pool, shop, failure)
    log.warn({ shop, failure: failure.kind, detail: failure.log }, 'Shopify gave no answer')
    return { ok: false, failure }
  }

  return {
    withToken,
    async adminQuery(shop, query, variables, schema, waitMs = patienceMs) {
      const end = performance.now() + waitMs
      let given: Token = await withToken(shop)
      let renewed = false
      for (;;) {
        if ('failure' in given) return { ok: false, failure: given.failure }
        const { token } = given
        const answer = await http.post(
          shop,
          `/admin/api/${API_VERSION}/graphql.json`,
          { 'x-shopify-access-token': token },
          { query, variables },
        )
        if ('failure' in answer) return ended(shop, adminFailure('unreachable', answer.failure))
        const meaning = meaningOfAnswer(answer, schema)
        switch (meaning.kind) {
          case 'data':
            await clearTrouble(pool, shop)
            return { ok: true, data: meaning.data, denied: meaning.denied }
          case 'failure':
            return ended(shop, meaning.failure)
          case 'unauthorized':
            if (renewed) return ended(shop, adminFailure('reopen', 'status 401 to a token just refreshed'))
            renewed = true
            given = await withToken(shop, token)
            break
          case 'throttled':
            if (performance.now() + meaning.waitMs > end)
              return ended(shop, adminFailure('busy', 'throttled', meaning.waitMs))
            await delay(meaning.waitMs)
        }
      }
    },
    async close() {
      await http.close()
    },
  }
}
