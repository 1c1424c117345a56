/** What shoppers do, for tests of who they are. Views are accepted as the ingest routes hand them on. */
import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { endWaiting } from '../../app/delivery/waited.ts'
import { type NewStoreEvent, NOBODY } from '../../app/events/store-event.ts'
import { product } from '../../app/vendors/testing.ts'
import { PRODUCTS, type ProductName, wireProduct } from '../../sandbox/store/payloads.ts'
import { SHOP, type TestApp } from '../support/app.ts'

export const VISITOR = 'visitor-1'
const ALLOWED = { analytics: true, marketing: true }

type View = {
  visitor?: string
  product?: ProductName
  consent?: { analytics: boolean; marketing: boolean }
  /** The customer whom Shopify says to be signed in. */
  customer?: string
  /** Seconds before now. */
  ago?: number
}

const isoAgo = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString()

export function steps(app: TestApp) {
  const viewsAt = async (vendor: string) =>
    (await app.deliveries()).filter(d => d.vendor === vendor && d.type === 'product_viewed')
  const statesAt = async (vendor: string) => (await viewsAt(vendor)).map(({ state }) => state)

  /** A view told by the theme. */
  async function view({ visitor = VISITOR, consent = ALLOWED, ...rest }: View = {}): Promise<void> {
    const at = isoAgo(rest.ago ?? 0)
    const event = {
      id: randomUUID(),
      type: 'product_viewed',
      at,
      url: 'https://shop.example.com/',
      data: { product: wireProduct(rest.product ?? 'lamp') },
    }
    const batch = { visitorId: visitor, sentAt: isoAgo(0), consent, events: [event] }
    expect((await app.store.proxy(batch, rest.customer)).status).toBe(202)
  }

  /** An event told by the web pixel. */
  async function pixel(event: Partial<NewStoreEvent> & { visitor?: string; ago?: number }): Promise<void> {
    const { visitor = VISITOR, ago = 0, ...over } = event
    const whole = {
      type: 'product_viewed',
      source: 'pixel',
      dedupeKey: `sf:${visitor}:${randomUUID()}`,
      occurredAt: isoAgo(ago),
      subject: null,
      version: null,
      actor: { ...NOBODY, visitorId: visitor, consent: ALLOWED },
      data: { url: null, product: pixelProduct('lamp') },
      ...over,
    } as NewStoreEvent
    const { ingest } = app.server.services
    const accepted = await ingest.accept({
      shopDomain: SHOP,
      receivedAt: new Date(),
      receipt: null,
      events: [whole],
    })
    if (accepted.kind === 'accepted') ingest.signal(accepted.lanes)
  }

  return {
    view,
    pixel,
    /** The pixel's word of a checkout. */
    pixelCheckout: (token: string, visitor = VISITOR) =>
      pixel({
        type: 'checkout_started',
        visitor,
        subject: `checkout:${token}`,
        data: { checkout: { ...NO_CHECKOUT, token } },
      } as Partial<NewStoreEvent>),
    /** Why views were not sent, or their states, oldest first. */
    reasonsAt: async (vendor: string) => (await viewsAt(vendor)).map(({ reason, state }) => reason ?? state),
    statesAt,
    /** Waits until the states of views at a vendor are these. */
    becomes: (vendor: string, states: string[]) =>
      expect.poll(() => statesAt(vendor), { timeout: 15_000 }).toEqual(states),
    /** The views that Topmail took, in order: for whom, and of what. */
    topmailGot(): Got[] {
      return app.vendors.inbox('topmail').flatMap(({ accepted, path, body }) => {
        const { email, product_name: title } = body as { email: string; product_name: string }
        return accepted && path.endsWith('/product-view') ? { email, product: nameOf(title) } : []
      })
    },
    ecomailGot(): Got[] {
      return app.vendors.inbox('ecomail').flatMap(({ accepted, body }) => {
        const { event } = body as { event?: { action: string; email: string; label: string } }
        const isView = accepted && event?.action === 'product_viewed'
        return isView ? { email: event.email, product: nameOf(event.label) } : []
      })
    },
    /** Lets hours pass for what waits, and the chore come round. */
    async hoursPass(hours: number): Promise<void> {
      const { pool, sealer } = app.server.services
      await pool.query('update shops set person_wait_hours = person_wait_hours - $1', [hours])
      await endWaiting({ pool, sealer, signal: () => {} })
      await pool.query('update shops set person_wait_hours = person_wait_hours + $1', [hours])
    },
  }
}

type Got = { email: string; product: string | undefined }

function nameOf(title: string): string | undefined {
  return Object.entries(PRODUCTS).find(([, product]) => product.title === title)?.[0]
}

const NO_CHECKOUT = {
  cartToken: null,
  currency: 'EUR',
  total: '120.00',
  tax: null,
  shipping: null,
  discount: null,
  discountCodes: [],
  lines: [],
}

function pixelProduct(name: ProductName) {
  const { vendor: _vendor, type: _type, ...wire } = wireProduct(name)
  return product({ ...wire })
}
