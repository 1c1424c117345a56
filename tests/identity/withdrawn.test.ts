/** Consent that is withdrawn stops what was collected before and is not sent yet. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { switchLane } from '../../app/delivery/lane-state.ts'
import { replay } from '../../app/delivery/replay.ts'
import { checkoutPayload, GUEST_EMAIL, SIGNED_IN } from '../../sandbox/store/payloads.ts'
import { SETTINGS } from '../support/app.ts'
import { freshApp } from '../support/fresh-app.ts'
import { steps, VISITOR } from './steps.ts'

const { app, order } = freshApp()
let shopper: ReturnType<typeof steps>
const pool = () => app.server.services.pool
const REFUSED = 'analytics=0,marketing=0'

beforeEach(async () => {
  shopper = steps(app)
  await pool().query(`update shops set collectors = '{}', person_wait_hours = 24`)
  await app.connect('ecomail')
  await app.connect('topmail', { ...SETTINGS.topmail, createContacts: true })
})
/** What one test sends arrives before the next begins. */
afterEach(() => app.idle())

const now = () => new Date().toISOString()
const refusing = (visitorId: string | null, consent = REFUSED) => ({
  createdAt: now(),
  updatedAt: now(),
  attributes: { sluice_visitor: visitorId ?? '', sluice_consent: consent },
})
const ordered = (visitorId: string | null, consent?: string) =>
  order.send('orders/create', refusing(visitorId, consent))
const cart = (token: string, attributes: Record<string, string>) =>
  app.store.webhook({
    topic: 'carts/update',
    payload: { id: token, token, line_items: [], created_at: now(), updated_at: now(), attributes },
  })
const links = async () => (await pool().query('select * from visitor_links')).rows
const sentences = async () =>
  (await app.deliveries()).flatMap(({ vendor, reason, message }) =>
    vendor === 'topmail' && reason ? message : [],
  )
const replayed = async (vendor: string) => {
  const filter = { shopId: app.shopId, vendor, type: 'product_viewed', states: ['skipped'] } as const
  expect((await replay(pool(), filter)).count).toBeGreaterThan(0)
  await app.signal(vendor)
  await app.idle()
}
/** A view that waits, of somebody who allows everything. */
const waitingView = async () => {
  await shopper.view()
  await shopper.becomes('topmail', ['waiting'])
}
const WITHDRAWN = 'The visitor has withdrawn their consent since. (analytics)'
const NEVER_ALLOWED = 'The visitor did not allow the purposes this tool needs. (marketing)'

describe('what waits when consent is withdrawn', () => {
  it('ends with an order that names nobody and refuses, of the checkout in which the pixel saw the visitor', async () => {
    await waitingView()
    await shopper.pixelCheckout(`checkout-${order.id}`)
    await ordered(null)
    await shopper.becomes('topmail', ['skipped'])
    expect(await shopper.reasonsAt('topmail')).toEqual(['no_consent'])
    expect(await sentences()).toEqual([WITHDRAWN])
    await shopper.becomes('ecomail', ['skipped'])
    expect(await links()).toEqual([])
    expect(shopper.topmailGot()).toEqual([])
    await replayed('topmail')
    expect(await shopper.reasonsAt('topmail')).toEqual(['no_consent'])
    expect(shopper.topmailGot()).toEqual([])
  })

  it('ends with an order that still names the visitor beside the refusal', async () => {
    await waitingView()
    await ordered(VISITOR)
    await shopper.becomes('topmail', ['skipped'])
    expect(await shopper.reasonsAt('topmail')).toEqual(['no_consent'])
    expect(await links()).toEqual([])
    expect(shopper.topmailGot()).toEqual([])
  })

  it('ends with the cart in which the storefront has left the visitor’s id, then the refusal', async () => {
    await waitingView()
    await cart('cart-1', { sluice_visitor: VISITOR, sluice_consent: 'analytics=1,marketing=1' })
    await cart('cart-1', { sluice_visitor: '', sluice_consent: REFUSED })
    await shopper.becomes('topmail', ['skipped'])
    expect(await shopper.reasonsAt('topmail')).toEqual(['no_consent'])
  })

  it('ends with a later batch that refuses marketing, where marketing is what it is for', async () => {
    await app.connect('alana')
    await waitingView()
    await shopper.becomes('alana', ['delivered'])
    await shopper.view({ consent: { analytics: true, marketing: false }, product: 'candle' })
    await shopper.becomes('topmail', ['skipped', 'skipped'])
    expect(await shopper.reasonsAt('topmail')).toEqual(['no_consent', 'no_consent'])
    expect(await sentences()).toEqual([
      'The visitor has withdrawn their consent since. (marketing)',
      NEVER_ALLOWED,
    ])
    await ordered(VISITOR, 'analytics=1,marketing=0')
    await app.idle()
    expect(shopper.topmailGot()).toEqual([])
    await shopper.becomes('alana', ['delivered', 'delivered'])
  })

  it('ends with a batch of which nothing is kept, because it refuses analytics', async () => {
    await waitingView()
    await shopper.view({ consent: { analytics: false, marketing: false } })
    await shopper.becomes('topmail', ['skipped'])
    expect(await shopper.reasonsAt('topmail')).toEqual(['no_consent'])
  })

  it('ends for a vendor that is switched off, and is not sent when it is on again', async () => {
    const lane = app.lane('topmail')
    await switchLane(pool(), lane, false)
    await shopper.view({ customer: String(SIGNED_IN.id) })
    await shopper.becomes('topmail', ['held'])
    await ordered(VISITOR)
    await shopper.becomes('topmail', ['skipped'])
    await switchLane(pool(), lane, true)
    await app.signal('topmail')
    await app.idle()
    expect(shopper.topmailGot()).toEqual([])
  })

  it('goes on where the refusal is older than it, or another visitor’s', async () => {
    await shopper.view({ consent: { analytics: true, marketing: false }, ago: 60 })
    await shopper.view({ product: 'candle', ago: 30 })
    await shopper.becomes('topmail', ['skipped', 'waiting'])
    await ordered('visitor-2')
    order.next()
    // Made an hour before, told only now.
    const before = new Date(Date.now() - 3_600_000).toISOString()
    await order.send('orders/updated', { ...refusing(VISITOR), createdAt: before })
    await app.idle()
    expect(await shopper.statesAt('topmail')).toEqual(['skipped', 'waiting'])
    order.next()
    await order.send('orders/create', { visitorId: VISITOR })
    await shopper.becomes('topmail', ['skipped', 'delivered'])
  })

  it('is not sent when it was told late: the refusal is known before what it is about', async () => {
    await ordered(VISITOR)
    order.next()
    await order.send('orders/create', { visitorId: VISITOR, createdAt: now(), updatedAt: now() })
    await shopper.view({ ago: 60 })
    await shopper.becomes('topmail', ['skipped'])
    expect(await shopper.reasonsAt('topmail')).toEqual(['no_consent'])
  })
})

describe('what a visitor does who allows analytics alone from the start', () => {
  const allowed = { analytics: true, marketing: false }

  it('was not allowed, and nothing was withdrawn: so say reason and sentence', async () => {
    for (const vendor of ['alana', 'voucherify']) await app.connect(vendor)
    await shopper.view({ consent: allowed })
    await shopper.becomes('topmail', ['skipped'])
    await app.idle()
    const told = (await app.deliveries()).map(({ vendor, reason, message }) => [vendor, reason, message])
    expect(told.sort()).toEqual([
      ['alana', null, null],
      ...['ecomail', 'topmail', 'voucherify'].map(vendor => [
        vendor,
        'no_consent',
        vendor === 'voucherify' ? NEVER_ALLOWED : expect.stringMatching(/^The visitor did not allow/),
      ]),
    ])
    await replayed('topmail')
    expect(await sentences()).toEqual([NEVER_ALLOWED])
  })

  it('and was held meanwhile, was not allowed either', async () => {
    await switchLane(pool(), app.lane('topmail'), false)
    await shopper.view({ consent: allowed })
    await shopper.becomes('topmail', ['skipped'])
    expect(await sentences()).toEqual([NEVER_ALLOWED])
  })

  it('and told while refusing everything since, was not allowed: it was refused twice', async () => {
    await shopper.view({ consent: allowed, ago: 5 })
    await shopper.becomes('topmail', ['skipped'])
    await ordered(VISITOR)
    await app.idle()
    await replayed('topmail')
    expect(await sentences()).toEqual([NEVER_ALLOWED])
  })
})

describe('a batch without consent', () => {
  it('is neither stored nor linked, and asks Shopify about nobody', async () => {
    await shopper.view({ consent: { analytics: false, marketing: false }, customer: '7012345678999' })
    await app.idle()
    for (const table of ['events', 'deliveries', 'visitor_links', 'customer_fetches'])
      expect((await pool().query(`select * from ${table}`)).rows).toEqual([])
  })
})

describe('a guest who ticks the box in the checkout that makes them known', () => {
  const checkout = (marketing: boolean) => {
    const guest = { visitorId: VISITOR, customer: null, email: GUEST_EMAIL }
    const payload = { ...checkoutPayload(order.options(guest)), buyer_accepts_marketing: marketing }
    return app.store.webhook({ topic: 'checkouts/update', payload })
  }

  it('is added as a contact for what waited: it was skipped as if they did not accept', async () => {
    await waitingView()
    await checkout(true)
    await shopper.becomes('topmail', ['delivered'])
    expect(shopper.topmailGot()).toEqual([{ email: GUEST_EMAIL, product: 'lamp' }])
  })

  it('is not added without the tick, and the story says which of the two it was', async () => {
    await waitingView()
    await checkout(false)
    await shopper.becomes('topmail', ['skipped'])
    expect(await sentences()).toEqual([
      'The person does not accept marketing, so the tool is not told of them.',
    ])
  })
})
