/** Product views of known customers, taken in by the web process: work that waits for a worker. */
import { customerPayload } from '../../sandbox/store/payloads.ts'
import { createStore } from '../../sandbox/store/shopify.ts'
import type { Generator } from '../children/generator.ts'
import type { Child } from './child.ts'
import { FIRST_CUSTOMER } from './orders.ts'
import { SIGNED_IN } from './requests.ts'
import { SECRET, shopDomain } from './setup.ts'

/** The people whose views these are, batch by batch: events of one person go one after another. */
export const VIEWERS = Array.from({ length: SIGNED_IN }, (_, n) => `buyer-${FIRST_CUSTOMER + n}@example.com`)

const LARGEST_BATCH = 5
const PATIENCE_SECONDS = 600

/** @param views per shop; rounded up to whole batches @returns how many were accepted per shop */
export async function acceptViews(
  generator: Child<Generator>,
  url: string,
  shops: number,
  views: number,
): Promise<number> {
  const batch = Math.min(LARGEST_BATCH, views)
  const count = Math.ceil(views / batch)
  for (let number = 0; number < shops; number++) {
    const shop = shopDomain(number)
    const store = createStore({ appUrl: url, secret: SECRET, shop })
    for (const [n, email] of VIEWERS.entries()) {
      const person = { id: FIRST_CUSTOMER + n, email, first: 'Ada', last: 'Buyer', marketing: true }
      const payload = customerPayload(person, new Date().toISOString())
      const known = await store.webhook({ topic: 'customers/create', payload })
      if (known.status !== 200) throw new Error(`the customer was not taken: ${known.status}`)
    }
    const spec = { kind: 'batches', secret: SECRET, shop, from: 0, count, batch, signedIn: true } as const
    await generator.call('prepare', spec)
    const result = await generator.call('closed', { url, seconds: PATIENCE_SECONDS, connections: 8 })
    if (result.ok !== count) throw new Error(`batches were refused: ${JSON.stringify(result.others)}`)
  }
  return count * batch
}
