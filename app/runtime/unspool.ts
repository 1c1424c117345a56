/** Accepts what was spooled (app/delivery/spool.ts), on every worker, as soon as there is something. */
import type { Pool } from 'pg'
import { isPassing } from '../db/database.ts'
import { type Failed, reasonOf, type Spooled, takeSpooled } from '../delivery/spool.ts'
import { withoutWords } from '../log.ts'
import type { Sealer } from '../secrets/seal.ts'
import type { IngestContext } from './ingest.ts'
import { acceptSpooledBatch } from './storefront.ts'
import { acceptSpooledWebhook } from './webhooks.ts'

/** How often a worker looks. What is spooled came in a rush: half a second more is little then. */
const LOOK_MS = 500
/** Rows in hand at once: while one waits for its commit the other is translated. */
const AT_ONCE = 2

export type Unspooling = {
  /** Takes nothing up any more, and waits for what is in hand. */
  stop(): Promise<void>
}

type UnspoolContext = Pick<IngestContext, 'accept' | 'signal' | 'log'> & { pool: Pool; sealer: Sealer }

export function startUnspooling(context: UnspoolContext): Unspooling {
  let stopping = false
  let looking: Promise<unknown> = Promise.resolve()
  let timer: NodeJS.Timeout | undefined

  async function takeAll(): Promise<void> {
    let shop: number | null = null
    try {
      do shop = stopping ? null : await takeOne(context, shop)
      while (shop !== null)
    } catch (err) {
      context.log.warn({ err }, 'what is spooled cannot be taken up now')
    }
  }

  function lookLater(): void {
    timer = setTimeout(() => {
      looking = Promise.all(Array.from({ length: AT_ONCE }, takeAll)).then(() => {
        if (!stopping) lookLater()
      })
    }, LOOK_MS)
  }

  lookLater()
  return {
    async stop() {
      stopping = true
      clearTimeout(timer)
      await looking
    },
  }
}

/** @param after the shop before @returns the shop of which something was taken up, null when there was nothing */
function takeOne(context: UnspoolContext, after: number | null): Promise<number | null> {
  return takeSpooled(context, after, async (shopDomain, items) => {
    const failed = await Promise.all(items.map(item => acceptOne(context, shopDomain, item)))
    return failed.filter(each => each !== null)
  })
}

/** @returns null when it was accepted @throws when the database cannot commit now */
async function acceptOne(context: UnspoolContext, shopDomain: string, item: Spooled): Promise<Failed | null> {
  const acceptSpooled = { webhook: acceptSpooledWebhook, batch: acceptSpooledBatch }[item.kind]
  try {
    await acceptSpooled(context, shopDomain, item)
    return null
  } catch (err) {
    if (isPassing(err)) throw err
    const what = { ...withoutWords(err), shop: shopDomain, kind: item.kind }
    context.log.error(what, 'spooled, and could not be accepted')
    return { item, why: reasonOf(err) }
  }
}
