/**
 * The invented stores: orders that pass through their states, and visitors who look at products. Each webhook is sent
 * again, with its id, until it is answered 200, as Shopify does (only sooner); some come again after newer states.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { customerPayload, orderPayload, type Person, wireProduct } from '../../sandbox/store/payloads.ts'
import { createStore, type Store, type Webhook } from '../../sandbox/store/shopify.ts'
import {
  buyerOf,
  type Ledger,
  type OrderStep,
  orderNumber,
  personNumber,
  productNumber,
  type SentBrowsing,
  TOPICS,
} from './ledger.ts'
import { type Random, seededRandom } from './random.ts'

/** Shopify waits five seconds for an answer (https://shopify.dev/docs/apps/build/webhooks/subscribe/https). */
const ANSWER_MS = 5_000
/** Before it comes again for the first time; each further time twice as long, up to the limit. */
const RETRY_MS = [200, 800] as const
const LONGEST_RETRY_MS = 5_000
/** With so many webhooks and batches under way nothing new begins: an app that is down must not be buried. */
const MOST_UNDERWAY = 150
const BETWEEN_STATES_MS = [200, 5_000] as const
const STALE_AFTER_MS = [1_000, 8_000] as const
const STALE_CHANCE = 0.2
const ORDER_CHANCE = 0.4
const LARGEST_BATCH = 4
/** How often a browser tries to send a batch before its page is gone. */
const BATCH_TRIES = 2
const SHOPPERS = 5

export type StoresOptions = {
  appUrl: string
  secret: string
  shops: readonly string[]
  seed: number
  /** Between two orders or batches, over all shops. */
  everyMs: number
  /** Told of everybody who looks or buys before they do: some vendors take nothing of a stranger. */
  onPerson(email: string): void
}

const shopperEmail = (shop: number, count: number) => `s${personNumber(shop, count)}@example.com`
const shopper = (shop: number, count: number): Person => ({
  id: personNumber(shop, count),
  email: shopperEmail(shop, count),
  first: 'A',
  last: 'B',
  marketing: true,
})
const range = (count: number) => Array.from({ length: count }, (_, i) => i + 1)

export class Stores {
  readonly #options: StoresOptions
  readonly #ledger: Ledger
  readonly #random: Random
  readonly #stores: Store[]
  readonly #underway = new Set<Promise<void>>()
  #count = 0
  #open = true
  #givingUp = false

  constructor(options: StoresOptions, ledger: Ledger) {
    this.#options = options
    this.#ledger = ledger
    this.#random = seededRandom(options.seed)
    const { appUrl, secret } = options
    this.#stores = options.shops.map(shop => createStore({ appUrl, secret, shop }))
  }

  /** Tells of the shoppers, so that their visits can be told by name. Resolves when all of it was acknowledged. */
  async introduceShoppers(): Promise<void> {
    for (const [index, store] of this.#stores.entries()) {
      for (const count of range(SHOPPERS)) {
        this.#options.onPerson(shopperEmail(index + 1, count))
        const payload = customerPayload(shopper(index + 1, count), new Date().toISOString())
        await this.#sendUntilKept(store, { topic: 'customers/create', payload, webhookId: randomUUID() })
      }
    }
  }

  /** Goes on until `close`. */
  async trade(): Promise<void> {
    while (this.#open) {
      if (this.#underway.size < MOST_UNDERWAY)
        this.#begin(this.#random.chance(ORDER_CHANCE) ? this.#order() : this.#visit())
      await delay(this.#options.everyMs)
    }
  }

  /** Begins nothing new, and waits until what has begun is acknowledged, for at most `patienceMs`. */
  async close(patienceMs: number): Promise<void> {
    this.#open = false
    const deadline = Date.now() + patienceMs
    while (this.#underway.size > 0 && Date.now() < deadline) await delay(50)
    this.#givingUp = true
    await Promise.all(this.#underway)
  }

  #begin(work: Promise<void>): void {
    const done = work.finally(() => this.#underway.delete(done))
    this.#underway.add(done)
  }

  #shop(): { number: number; store: Store } {
    const index = this.#random.between(0, this.#stores.length - 1)
    const store = this.#stores[index]
    if (!store) throw new Error('there is no store')
    return { number: index + 1, store }
  }

  /** Each state is a webhook of its own, tried again on its own: they overtake each other when the app is down. */
  async #order(): Promise<void> {
    const { number, store } = this.#shop()
    this.#count += 1
    const order = orderNumber(number, this.#count)
    const createdAt = Date.now()
    this.#options.onPerson(buyerOf(order))
    for (const [index, step] of this.#steps().entries()) {
      if (index > 0) await delay(this.#random.between(...BETWEEN_STATES_MS))
      const state = index + 1
      const payload = statePayload(order, state, step, createdAt)
      const sent = { order, state, step, acknowledged: false }
      this.#ledger.states.push(sent)
      this.#begin(
        this.#tell(store, TOPICS[step], payload, () => {
          sent.acknowledged = true
        }),
      )
    }
  }

  #steps(): OrderStep[] {
    const updates = () => range(this.#random.between(0, 2)).map((): OrderStep => 'updated')
    const end = this.#random.pick<OrderStep>(['fulfilled', 'cancelled', 'updated'])
    return ['created', ...updates(), 'paid', ...updates(), end]
  }

  /** Sometimes a webhook comes again later, by its own id or as another delivery of the same event. */
  async #tell(store: Store, topic: string, payload: unknown, onKept: () => void): Promise<void> {
    const webhook = { topic, payload, webhookId: randomUUID(), eventId: randomUUID() }
    const sent = { ...webhook, triggeredAt: new Date().toISOString() }
    const comesAgain = this.#random.chance(STALE_CHANCE)
    const anew = this.#random.chance(0.5) ? { webhookId: randomUUID(), eventId: randomUUID() } : {}
    const after = this.#random.between(...STALE_AFTER_MS)
    if (!(await this.#sendUntilKept(store, sent))) return
    onKept()
    if (!comesAgain) return
    await delay(after)
    await this.#sendUntilKept(store, { ...sent, ...anew })
  }

  async #sendUntilKept(store: Store, webhook: Webhook): Promise<boolean> {
    for (let tries = 0; !this.#givingUp; tries++) {
      const status = await this.#answer(store.webhook(webhook))
      if (status === 200) return true
      if (status !== 503 && status !== null) this.#ledger.refused.push(`${webhook.topic}: ${status}`)
      await delay(Math.min(LONGEST_RETRY_MS, this.#random.between(...RETRY_MS) * 2 ** tries))
    }
    return false
  }

  async #visit(): Promise<void> {
    const { number, store } = this.#shop()
    const events = range(this.#random.between(1, LARGEST_BATCH)).map((): SentBrowsing => {
      this.#count += 1
      const type = this.#random.pick<SentBrowsing['type']>(['product_viewed', 'product_added_to_cart'])
      return { product: productNumber(number, this.#count), type, acknowledged: false }
    })
    this.#ledger.browsing.push(...events)
    const batch = batchOf(events)
    const customer = String(personNumber(number, this.#random.between(1, SHOPPERS)))
    for (let tries = 1; tries <= BATCH_TRIES; tries++) {
      const status = await this.#answer(store.proxy(batch, customer))
      if (status === 202) {
        for (const event of events) event.acknowledged = true
        return
      }
      if (status !== 503 && status !== null) this.#ledger.refused.push(`batch: ${status}`)
      await delay(this.#random.between(...RETRY_MS))
    }
  }

  /** @returns the status; null when there was no answer, or none in time */
  async #answer(response: Promise<Response>): Promise<number | null> {
    this.#ledger.requests += 1
    const status = response.then(
      async answer => {
        await answer.arrayBuffer()
        return answer.status
      },
      () => null,
    )
    return Promise.race([status.catch(() => null), delay(ANSWER_MS, null, { ref: false })])
  }
}

/** A state's number is in what shipping costs, by which an inbox tells the states apart. */
function statePayload(order: number, state: number, step: OrderStep, createdAt: number) {
  const at = (seconds: number) => new Date(createdAt + seconds * 1000).toISOString()
  return orderPayload({
    id: order,
    name: `#${order}`,
    lines: [{ product: 'lamp', quantity: 1 }],
    customer: { id: order, email: buyerOf(order), first: 'A', last: 'B', marketing: true },
    email: buyerOf(order),
    createdAt: at(0),
    updatedAt: at(state),
    shipping: state,
    visitorId: `v-${order}`,
    cartToken: `cart-${order}`,
    financial: step === 'created' ? 'pending' : 'paid',
    fulfillment: step === 'fulfilled' ? 'fulfilled' : null,
    cancelledAt: step === 'cancelled' ? at(state) : null,
  })
}

function batchOf(events: readonly SentBrowsing[]) {
  const at = new Date().toISOString()
  return {
    visitorId: `v-${events[0]?.product}`,
    sentAt: at,
    consent: { analytics: true, marketing: true },
    events: events.map(({ product, type }) => {
      const id = String(product)
      const named = { ...wireProduct('lamp'), id, variantId: id, sku: id }
      return { id: `e-${id}`, type, at, url: null, data: { product: named, quantity: 1 } }
    }),
  }
}
