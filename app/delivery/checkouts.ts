/**
 * Checkouts as far as the timer of abandoned ones needs them. What is known arrives in any order: an order before
 * its checkout, an older state after a newer one. So a row keeps facts that only grow (the newest state, the last
 * change, the order), and whether a checkout is abandoned is decided when its time has come (abandoned.ts).
 */
import type { Pool, PoolClient } from 'pg'
import { toJsonb } from '../db/jsonb.ts'
import { isOrderEvent, isType, type StoreEvent } from '../events/store-event.ts'
import { isToldByWebhook } from './told.ts'

/** An order that was made of this checkout or cart, as a webhook names it. `at`: when, ISO 8601. */
export type Ordered = { token: string | null; cartToken: string | null; at: string }

/** One checkout as a call changes it; times are ISO 8601. */
type Change = {
  token: string
  cart_token: string | null
  event_id: string | null
  state_at: string | null
  changed_at: string
  ordered_at: string | null
  /** Holds something, and somebody can be reached, or is named by a customer id. */
  waits: boolean
}

/** A cart that changed: so did the checkouts that were made of it. */
type CartChange = { cart_token: string; changed_at: string }

/** Time for the order's own webhook, which may be behind the checkout's: no checkout is due sooner after a notice of it. */
const GRACE_MINUTES = 5

/** What a token can be: the key of a row must fit an index. */
const TOKEN = /^[\x21-\x7e]{1,255}$/

/**
 * Takes note of what new events of one shop tell about checkouts. Inside the transaction that accepts them. What a browser
 * says starts no timer and stops none: anybody could say it.
 */
export async function trackCheckouts(
  client: Pool | PoolClient,
  shopId: number,
  given: readonly StoreEvent[],
): Promise<void> {
  const events = given.filter(event => !isToldByWebhook(event))
  const carts = cartChanges(events)
  const changes = merged(
    [...events.flatMap(stateChange), ...events.flatMap(event => orderChange(orderIn(event)))],
    carts,
  )
  if (changes.length > 0 || carts.size > 0) await apply(client, shopId, changes, [...carts.values()])
}

/** A checkout was completed, as a notice says that is no order and no event. Inside the caller's transaction. */
export async function completeCheckout(
  client: Pool | PoolClient,
  shopId: number,
  ordered: Ordered,
): Promise<void> {
  const changes = orderChange(ordered)
  if (changes.length > 0) await apply(client, shopId, changes, [])
}

function stateChange(event: StoreEvent): Change[] {
  if (!isType(event, 'checkout_started', 'checkout_updated')) return []
  const { checkout } = event.data
  const { email, phone, customerId } = event.actor
  if (!isToken(checkout.token)) return []
  const at = earlier(event.version ?? event.occurredAt, event.receivedAt)
  return [
    {
      token: checkout.token,
      cart_token: isToken(checkout.cartToken) ? checkout.cartToken : null,
      event_id: event.id,
      state_at: at,
      changed_at: at,
      ordered_at: null,
      waits: checkout.lines.length > 0 && Boolean(email || phone || customerId),
    },
  ]
}

/** Every notice that holds the order counts: orders/updated may come before orders/create. */
function orderIn(event: StoreEvent): Ordered | null {
  if (!isOrderEvent(event) || event.data.order === null) return null
  const { checkoutToken, cartToken, createdAt } = event.data.order
  return { token: checkoutToken, cartToken, at: createdAt ?? event.occurredAt }
}

/** An order that names neither (a draft, one of the point of sale) closes no checkout. */
function orderChange(ordered: Ordered | null): Change[] {
  if (ordered === null) return []
  const cartToken = isToken(ordered.cartToken) ? ordered.cartToken : null
  const token = isToken(ordered.token) ? ordered.token : cartToken && `cart:${cartToken}`
  if (token === null) return []
  const closed = { event_id: null, state_at: null, waits: false }
  return [{ ...closed, token, cart_token: cartToken, changed_at: ordered.at, ordered_at: ordered.at }]
}

function cartChanges(events: readonly StoreEvent[]): Map<string, CartChange> {
  const carts = new Map<string, CartChange>()
  for (const event of events) {
    if (!isType(event, 'cart_updated') || !isToken(event.data.cart.token)) continue
    const token = event.data.cart.token
    const at = earlier(event.version ?? event.occurredAt, event.receivedAt)
    carts.set(token, { cart_token: token, changed_at: later(carts.get(token)?.changed_at, at) })
  }
  return carts
}

/** One change per checkout: the newest state, at the same time the one received last; the last change; the order. */
function merged(changes: readonly Change[], carts: ReadonlyMap<string, CartChange>): Change[] {
  const byToken = new Map<string, Change>()
  for (const change of changes) {
    const before = byToken.get(change.token)
    byToken.set(change.token, before ? both(before, change) : change)
  }
  return [...byToken.values()].map(change => ({
    ...change,
    changed_at: later(carts.get(change.cart_token ?? '')?.changed_at, change.changed_at),
  }))
}

function both(a: Change, b: Change): Change {
  const older =
    b.state_at === null || (a.state_at !== null && Date.parse(b.state_at) < Date.parse(a.state_at))
  const newer = older ? a : b
  return {
    ...newer,
    cart_token: newer.cart_token ?? a.cart_token ?? b.cart_token,
    changed_at: later(a.changed_at, b.changed_at),
    ordered_at:
      a.ordered_at && b.ordered_at ? earlier(a.ordered_at, b.ordered_at) : (a.ordered_at ?? b.ordered_at),
  }
}

/**
 * Rows are taken in one order, so that two calls about the same checkouts wait for each other instead of blocking
 * each other. A checkout that is changed by itself is left to that: its cart's change is in it already.
 */
async function apply(
  client: Pool | PoolClient,
  shopId: number,
  changes: readonly Change[],
  carts: readonly CartChange[],
): Promise<void> {
  await client.query(
    `with shop as (select id, abandoned_after_minutes as minutes from shops where id = $1),
     change as (
       select r.*, case when r.waits and r.ordered_at is null and shop.minutes > 0
         then greatest(r.changed_at + make_interval(mins => shop.minutes), now() + make_interval(mins => $4)) end as due_at
       from shop, jsonb_to_recordset($2::jsonb) as r(token text, cart_token text, event_id uuid, state_at timestamptz,
                                                     changed_at timestamptz, ordered_at timestamptz, waits boolean)),
     touched as (
       select c.token, r.changed_at from jsonb_to_recordset($3::jsonb) as r(cart_token text, changed_at timestamptz)
       join checkouts c on c.shop_id = $1 and c.cart_token = r.cart_token
       where c.due_at is not null and c.changed_at < r.changed_at and c.token not in (select token from change)
       order by c.token for update of c),
     postponed as (
       update checkouts c set changed_at = t.changed_at,
         due_at = greatest(c.due_at, t.changed_at + make_interval(mins => shop.minutes))
       from touched t, shop where c.shop_id = $1 and c.token = t.token)
     insert into checkouts as c (shop_id, token, cart_token, event_id, state_at, changed_at, due_at, ordered_at)
     select $1, token, cart_token, event_id, state_at, changed_at, due_at, ordered_at from change order by token
     on conflict (shop_id, token) do update set
       cart_token = coalesce(excluded.cart_token, c.cart_token),
       event_id = case when excluded.state_at >= coalesce(c.state_at, '-infinity') then excluded.event_id else c.event_id end,
       state_at = greatest(c.state_at, excluded.state_at),
       changed_at = greatest(c.changed_at, excluded.changed_at),
       ordered_at = least(c.ordered_at, excluded.ordered_at),
       due_at = case
         when coalesce(c.ordered_at, excluded.ordered_at, c.abandoned_at) is not null then null
         when excluded.state_at >= coalesce(c.state_at, '-infinity') and excluded.due_at is null then null
         when excluded.state_at >= coalesce(c.state_at, '-infinity') then greatest(c.due_at, excluded.due_at)
         else c.due_at end`,
    [shopId, toJsonb(changes), toJsonb(carts), GRACE_MINUTES],
  )
}

function isToken(token: string | null): token is string {
  return token !== null && TOKEN.test(token)
}

/** Of two instants in ISO 8601 and UTC. A clock that runs ahead must not postpone for ever. */
function earlier(a: string, b: string): string {
  return Date.parse(a) <= Date.parse(b) ? a : b
}

function later(a: string | undefined, b: string): string {
  return a !== undefined && Date.parse(a) > Date.parse(b) ? a : b
}
