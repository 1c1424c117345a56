/**
 * What the invented stores sent, and what of it was acknowledged. From that alone follows what each vendor should
 * get: the verifier's own reading of what goes where, not the app's.
 */
import type { VendorName } from '../../sandbox/vendors/contract.ts'
import type { Wanted } from './evidence.ts'

/** In the order of an order's life; the topic of its webhook. */
export const TOPICS = {
  created: 'orders/create',
  updated: 'orders/updated',
  paid: 'orders/paid',
  fulfilled: 'orders/fulfilled',
  cancelled: 'orders/cancelled',
} as const
export type OrderStep = keyof typeof TOPICS

export type SentState = { order: number; state: number; step: OrderStep; acknowledged: boolean }
export type SentBrowsing = {
  product: number
  type: 'product_viewed' | 'product_added_to_cart'
  acknowledged: boolean
}

/** Numbers that name their shop, so that they are unique over all. @param shop 1 to 99 */
export const orderNumber = (shop: number, count: number) => Number(`5${twoDigits(shop)}${nineDigits(count)}`)
export const productNumber = (shop: number, count: number) =>
  Number(`8${twoDigits(shop)}${nineDigits(count)}`)
export const personNumber = (shop: number, count: number) => Number(`7${twoDigits(shop)}${nineDigits(count)}`)
/** The address of the buyer of one order. */
export const buyerOf = (order: number) => `o${order}@example.com`

const twoDigits = (number: number) => String(number).padStart(2, '0')
const nineDigits = (number: number) => String(number).padStart(9, '0')

export class Ledger {
  readonly states: SentState[] = []
  readonly browsing: SentBrowsing[] = []
  readonly refused: string[] = []
  /** Requests to the app, those sent again included. */
  requests = 0

  wanted(): Wanted[] {
    return [
      ...this.states.flatMap(wantedOfState),
      ...this.browsing.flatMap(wantedOfBrowsing),
      ...this.#baskets(),
    ]
  }

  acknowledged(): number {
    return [...this.states, ...this.browsing].filter(one => one.acknowledged).length
  }

  sent(): number {
    return this.states.length + this.browsing.length
  }

  /** Each order empties its basket once, whichever of its states arrives first. */
  #baskets(): Wanted[] {
    const orders = new Map<number, boolean>()
    for (const { order, acknowledged } of this.states)
      orders.set(order, acknowledged || orders.get(order) === true)
    return [...orders].map(([order, acknowledged]) => ({
      vendor: 'ecomail',
      key: `basket:${order}`,
      acknowledged,
    }))
  }
}

function wantedOfState({ order, state, step, acknowledged }: SentState): Wanted[] {
  const one = (vendor: VendorName, key: string) => ({ vendor, key, acknowledged })
  const transaction = one('ecomail', `transaction:${order}:${state}`)
  if (step === 'updated') return [transaction]
  if (step !== 'created') return [transaction, one('voucherify', `${step}:${order}`)]
  return [
    transaction,
    one('voucherify', `created:${order}`),
    one('alana', `created:${order}`),
    one('topmail', `created:${order}`),
  ]
}

function wantedOfBrowsing({ product, type, acknowledged }: SentBrowsing): Wanted[] {
  const vendors: VendorName[] =
    type === 'product_viewed' ? ['ecomail', 'topmail', 'alana', 'voucherify'] : ['alana', 'voucherify']
  return vendors.map(vendor => ({ vendor, key: `${type}:${product}`, acknowledged }))
}
