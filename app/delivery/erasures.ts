/**
 * The chore that carries out at our side what Shopify asks to be erased: a person (customers/redact) or a shop that has removed
 * the app (shop/redact), https://shopify.dev/docs/apps/build/compliance/privacy-law-compliance. A request that cannot be carried
 * out says why, is tried again later, and keeps no other from being carried out.
 */
import type { Pool } from 'pg'
import { z } from 'zod'
import { type Log, withoutWords } from '../log.ts'
import { eraseShop } from '../privacy/erase-shop.ts'
import { requestContext } from '../privacy/requests.ts'
import type { Sealer } from '../secrets/seal.ts'
import { erasePerson } from './erase.ts'

/** Requests carried out in one round. */
const REQUESTS = 50
/**
 * A request rests for so long first: what was being accepted when it came is committed by then, and found. An acceptance has
 * given up after seconds (`PATIENCE_MS`, and what one statement may take); the rest is for clocks that differ.
 */
const RESTS = '2 minutes'
/** By how much clocks of two processes may differ. */
const CLOCKS = '1 minute'
/** One that could not be carried out is tried again after this. */
const RETRY = '15 minutes'
/** Shopify sends shop/redact so long after a shop has removed the app. */
const REMOVED_FOR = '48 hours'

const UNREADABLE = 'Whom it is about was sealed with a key that is not configured.'

const subjectSchema = z.object({
  customerId: z.string().nullable(),
  email: z.string().nullable(),
  orderIds: z.array(z.string()),
})

type Context = { pool: Pool; sealer: Sealer; log: Log }
type Request = { shop_id: number; webhook_id: string; topic: string; subject: string; received_at: Date }

/**
 * Carries out what Shopify has asked for and is not done yet.
 * @param lost ends the work early: what is left is for the next round
 * @returns how many requests
 */
export async function eraseRequested(context: Context, lost?: AbortSignal): Promise<number> {
  const { pool, log } = context
  let done = 0
  for (const request of await requestsOf(pool)) {
    if (lost?.aborted) break
    const { shop_id: shopId, webhook_id: webhook, topic } = request
    try {
      if (await carryOut(context, request, lost)) {
        await pool.query(
          `update privacy_requests set erased_at = now(), tried_at = null, trouble = null
           where shop_id = $1 and webhook_id = $2`,
          [shopId, webhook],
        )
        log.info({ shopId, webhook, topic }, 'erased')
        done++
      }
    } catch (error) {
      log.error({ ...withoutWords(error), shopId, webhook, topic }, 'could not be erased')
      await noteTrouble(pool, request, reasonOf(error))
    }
  }
  return done
}

/**
 * What is to be carried out now, and can be: of a person, once nothing of the shop is in the spool that came before; of a shop,
 * while the app is removed. Whoever has installed it again meanwhile is not erased, and if they remove it once more, no sooner
 * than Shopify would ask for it.
 */
async function requestsOf(pool: Pool): Promise<Request[]> {
  const found = await pool.query<Request>(
    `select p.shop_id, p.webhook_id, p.topic, p.subject, p.received_at
     from privacy_requests p join shops s on s.id = p.shop_id
     where p.topic in ('customers/redact', 'shop/redact') and p.erased_at is null
       and p.received_at < now() - interval '${RESTS}'
       and (p.tried_at is null or p.tried_at < now() - interval '${RETRY}')
       and case when p.topic = 'shop/redact'
             then s.installed_at <= p.received_at
               and (s.uninstalled_at <= p.received_at or s.uninstalled_at < now() - interval '${REMOVED_FOR}')
             else not exists (select from spool w where w.shop_id = p.shop_id
                              and w.received_at <= p.received_at + interval '${CLOCKS}') end
     order by p.tried_at nulls first, p.received_at limit ${REQUESTS}`,
  )
  return found.rows
}

/** @returns false when some of it is left */
async function carryOut(
  { pool, sealer }: Context,
  { shop_id: shopId, webhook_id: webhookId, topic, subject, received_at: receivedAt }: Request,
  lost?: AbortSignal,
): Promise<boolean> {
  if (topic === 'shop/redact') return eraseShop(pool, shopId, lost)
  const named = sealer.tryUnseal(subject, requestContext(shopId, webhookId))
  if (named === null) throw new Unreadable(UNREADABLE)
  return erasePerson(pool, sealer, shopId, { ...subjectSchema.parse(JSON.parse(named)), receivedAt }, lost)
}

class Unreadable extends Error {}

/** For operators: its errors may quote the person. */
function reasonOf(error: unknown): string {
  if (error instanceof Unreadable) return error.message
  const { name, code } = withoutWords(error).failure
  return `It could not be carried out (${code ? `${name} ${code}` : name}); the log of that moment says more.`
}

async function noteTrouble(pool: Pool, request: Request, trouble: string): Promise<void> {
  await pool.query(
    'update privacy_requests set tried_at = now(), trouble = $3 where shop_id = $1 and webhook_id = $2',
    [request.shop_id, request.webhook_id, trouble],
  )
}

/** Requests that are not carried out as they should be. */
export type OpenErasure = { shop: string; topic: string; receivedAt: Date; trouble: string | null }

/** Those that could not be carried out, and those that have waited for a day (but for shops that use the app), oldest first. */
export async function erasuresInTrouble(pool: Pool): Promise<OpenErasure[]> {
  const found = await pool.query<OpenErasure>(
    `select s.domain as shop, p.topic, p.received_at as "receivedAt", p.trouble
     from privacy_requests p join shops s on s.id = p.shop_id
     where p.topic in ('customers/redact', 'shop/redact') and p.erased_at is null
       and (p.trouble is not null or p.received_at < now() - interval '1 day')
       and (p.topic = 'customers/redact' or s.uninstalled_at is not null)
     order by p.received_at limit 100`,
  )
  return found.rows
}
