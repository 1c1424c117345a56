/** Orders of the test shop, one number after the other. */
import { type OrderOptions, orderPayload, SIGNED_IN } from '../../sandbox/store/payloads.ts'
import type { TestApp } from './app.ts'

/** Minutes past ten of a day long past. @returns ISO 8601 */
export const minute = (minutes: number) => new Date(Date.UTC(2026, 10, 20, 10, minutes)).toISOString()

/** An order of one lamp by a customer who is signed in. */
export function simpleOrder(id: number, over: Partial<OrderOptions> = {}): OrderOptions {
  return {
    id,
    name: '#1',
    lines: [{ product: 'lamp', quantity: 1 }],
    customer: SIGNED_IN,
    email: SIGNED_IN.email,
    createdAt: minute(0),
    updatedAt: minute(0),
    ...over,
  }
}

export type Orders = {
  /** The number of the present order; `next` moves on to another. */
  id: number
  next(): void
  options(over?: Partial<OrderOptions>): OrderOptions
  payload(over?: Partial<OrderOptions>): ReturnType<typeof orderPayload>
  send(topic: string, over?: Partial<OrderOptions>): Promise<Response>
}

/** @param app asked when something is sent, so that it may be started later */
export function orders(app: () => TestApp): Orders {
  return {
    id: 5_000_000_000_000,
    next() {
      this.id += 1
    },
    options(over) {
      return simpleOrder(this.id, over)
    },
    payload(over) {
      return orderPayload(this.options(over))
    },
    send(topic, over) {
      return app().store.webhook({ topic, payload: this.payload(over) })
    },
  }
}
