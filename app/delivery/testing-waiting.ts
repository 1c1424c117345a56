/** For tests of what waits for its person: a lane of a shop, events of visitors, and who they become. */
import { v7 as uuidv7 } from 'uuid'
import { withTransaction } from '../db/database.ts'
import { NOBODY, type StoreEvent } from '../events/store-event.ts'
import { learnLinks } from '../identity/learn-links.ts'
import { storeEvent } from '../vendors/testing.ts'
import { settleVisitors } from './known.ts'
import { deliveryOf, keepDelivery, type SeededDelivery, sealer } from './testing.ts'
import { twoShops } from './testing-shops.ts'
import { endWaiting } from './waited.ts'
import { putToWait } from './waiting.ts'

export const HOUR_MS = 3600_000

/** Declares the set-up of a test file: call at its top level, and use what it returns inside tests only. */
export function waitingLane() {
  const shops = twoShops()
  const { pool, lane } = shops

  const search = (id: string, over: Partial<StoreEvent> = {}) =>
    storeEvent(
      'search_submitted',
      { url: null, query: 'x' },
      { id, actor: { ...NOBODY, visitorId: 'v1' }, ...over },
    )
  /** An event of the visitor, received so many hours ago. */
  async function keep(visitorId = 'v1', hoursAgo = 0, delivery: SeededDelivery = {}): Promise<string> {
    const id = uuidv7({ msecs: Date.now() - hoursAgo * HOUR_MS })
    return keepDelivery(pool(), shops.one, delivery, { id, actor: { ...NOBODY, visitorId } })
  }
  const put = (ids: string[], visitorId = 'v1', reason: 'no_email' | 'no_person' = 'no_email') =>
    putToWait(
      pool(),
      lane(),
      ids.map(eventId => ({ eventId, visitorId, reason, message: 'The vendor’s own words.' })),
    )
  const link = (visitorId: string, customerId: string | null, email: string | null) =>
    withTransaction(pool(), client => {
      const said = {
        shopId: shops.one,
        token: `checkout:${visitorId}`,
        visitorId,
        at: '2026-11-20T12:00:00.000Z',
      }
      return learnLinks(client, sealer, {
        attested: [],
        sessions: [],
        checkouts: [{ ...said, person: { customerId, email, acceptsMarketing: null } }],
      })
    })
  const settle = (...visitors: string[]) => settleVisitors(pool(), sealer, shops.one, visitors)
  const state = async (id: string) => {
    const { state, reason, message } = await deliveryOf(pool(), shops.one, id)
    return { state, reason, message }
  }
  const states = async () =>
    (await pool().query<{ state: string }>('select state from deliveries order by event_id')).rows.map(
      row => row.state,
    )
  const end = () => endWaiting({ pool: pool(), sealer, signal: lanes => void woken.push(...lanes) })
  const woken: unknown[] = []

  return {
    pool,
    lane,
    shop: () => shops.one,
    search,
    keep,
    put,
    link,
    settle,
    state,
    states,
    end,
    /** Lanes that the end of waiting has woken. */
    woken,
  }
}
