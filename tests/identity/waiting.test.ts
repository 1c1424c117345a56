/** From an unknown visitor's views to what vendors get once it is known who it is. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { switchLane } from '../../app/delivery/lane-state.ts'
import { replay } from '../../app/delivery/replay.ts'
import { checkoutPayload, customerPayload, GUEST_EMAIL, SIGNED_IN } from '../../sandbox/store/payloads.ts'
import { SETTINGS } from '../support/app.ts'
import { freshApp } from '../support/fresh-app.ts'
import { steps, VISITOR } from './steps.ts'

const { app, order } = freshApp()
let shopper: ReturnType<typeof steps>

beforeEach(async () => {
  shopper = steps(app)
  await app.server.services.pool.query(`update shops set collectors = '{}', person_wait_hours = 24`)
  await app.connect('ecomail')
  await app.connect('topmail', { ...SETTINGS.topmail, createContacts: true })
})
/** What one test sends arrives before the next begins. */
afterEach(() => app.idle())

const mara = SIGNED_IN.email
const jobs = async () => {
  const { rows } = await app.server.services.pool.query(
    `select 1 from pgboss.job where name = 'drain' and state in ('created', 'active')`,
  )
  return rows.length
}

describe('what an unknown visitor does', () => {
  it('waits, with nothing armed and nothing sent, and is sent newest first, once of each product, when they order', async () => {
    await shopper.view({ product: 'lamp', ago: 30 })
    await shopper.view({ product: 'candle', ago: 20 })
    await shopper.view({ product: 'lamp', ago: 10 })
    for (const vendor of ['ecomail', 'topmail'])
      await shopper.becomes(vendor, ['waiting', 'waiting', 'waiting'])
    await expect.poll(jobs).toBe(0)
    expect(app.vendors.counts('topmail')).toMatchObject({ received: 0 })

    await order.send('orders/create', { visitorId: VISITOR })
    for (const vendor of ['ecomail', 'topmail'])
      await shopper.becomes(vendor, ['skipped', 'delivered', 'delivered'])
    expect(shopper.topmailGot()).toEqual([
      { email: mara, product: 'lamp' },
      { email: mara, product: 'candle' },
    ])
    expect(await shopper.reasonsAt('topmail')).toEqual(['superseded', 'delivered', 'delivered'])
    expect(shopper.ecomailGot()).toEqual(shopper.topmailGot())
  })

  it('is sent at once from then on', async () => {
    await order.send('orders/create', { visitorId: VISITOR })
    await shopper.view()
    await shopper.becomes('topmail', ['delivered'])
    expect(shopper.topmailGot()).toEqual([{ email: mara, product: 'lamp' }])
  })

  it('waits for a guest too, whom only an e-mail address names', async () => {
    await shopper.view()
    await shopper.becomes('topmail', ['waiting'])
    const guest = { visitorId: VISITOR, customer: null, email: GUEST_EMAIL }
    await app.store.webhook({ topic: 'checkouts/update', payload: checkoutPayload(order.options(guest)) })
    await shopper.becomes('ecomail', ['delivered'])
    expect(shopper.ecomailGot()).toEqual([{ email: GUEST_EMAIL, product: 'lamp' }])
  })

  it('waits for a signed-in customer of whom no address is known yet', async () => {
    await shopper.view({ customer: String(SIGNED_IN.id) })
    await shopper.becomes('topmail', ['waiting'])
    await shopper.view({ product: 'candle' })
    await shopper.becomes('topmail', ['waiting', 'waiting'])
    const payload = customerPayload(SIGNED_IN, new Date().toISOString())
    const subscribed = { ...payload, email_marketing_consent: { state: 'subscribed' } }
    await app.store.webhook({ topic: 'customers/create', payload: subscribed })
    await shopper.becomes('topmail', ['delivered', 'delivered'])
    expect(shopper.topmailGot()).toEqual([
      { email: mara, product: 'candle' },
      { email: mara, product: 'lamp' },
    ])
  })

  it.each([['before'], ['after']])(
    'is joined to the person by the pixel’s checkout, told %s Shopify’s own notice',
    async when => {
      await shopper.pixel({})
      await shopper.becomes('topmail', ['waiting'])
      const token = `checkout-${order.id}`
      if (when === 'before') await shopper.pixelCheckout(token)
      await order.send('orders/create')
      if (when === 'after') await shopper.pixelCheckout(token)
      await shopper.becomes('topmail', ['delivered'])
      expect(shopper.topmailGot()).toEqual([{ email: mara, product: 'lamp' }])
    },
  )

  it('does not wait where the vendor’s purposes were refused', async () => {
    await shopper.view({ consent: { analytics: true, marketing: false } })
    await shopper.becomes('topmail', ['skipped'])
    await order.send('orders/create', { visitorId: VISITOR })
    await app.idle()
    expect(await shopper.reasonsAt('topmail')).toEqual(['no_consent'])
    expect(shopper.topmailGot()).toEqual([])
  })

  it('ends when nobody becomes known in time, and can be asked for again after', async () => {
    await shopper.view()
    await shopper.becomes('topmail', ['waiting'])
    await shopper.hoursPass(23)
    expect(await shopper.statesAt('topmail')).toEqual(['waiting'])
    await shopper.hoursPass(24)
    const [ended] = (await app.deliveries()).filter(d => d.vendor === 'topmail')
    expect(ended).toMatchObject({
      state: 'skipped',
      reason: 'no_email',
      message: 'No e-mail for this visitor.',
    })
    await order.send('orders/create', { visitorId: VISITOR })
    await app.idle()
    expect(shopper.topmailGot()).toEqual([])
    const { lanes } = await replay(app.server.services.pool, { shopId: app.shopId, states: ['skipped'] })
    for (const { vendor } of lanes) await app.signal(vendor)
    await shopper.becomes('topmail', ['delivered'])
  })

  it('does not wait in a shop that does not want it', async () => {
    await app.server.services.pool.query('update shops set person_wait_hours = 0')
    await shopper.view()
    await shopper.becomes('topmail', ['skipped'])
    expect(await shopper.reasonsAt('topmail')).toEqual(['no_email'])
  })

  it('is fifty things at most for a vendor: the oldest end', async () => {
    for (let n = 0; n < 53; n++) await shopper.view({ ago: 60 - n })
    await shopper.becomes('topmail', [...Array(3).fill('skipped'), ...Array(50).fill('waiting')])
  })
})

describe('two people at one browser', () => {
  it('end what waits, and afterwards only what names its customer is sent', async () => {
    const other = { ...SIGNED_IN, id: 7012345678999, email: 'other@example.com' }
    await order.send('orders/create', { visitorId: VISITOR })
    await shopper.view({ ago: 5 })
    await shopper.becomes('topmail', ['delivered'])
    order.next()
    await order.send('orders/create', { visitorId: VISITOR, customer: other, email: other.email })
    await shopper.view()
    await shopper.becomes('topmail', ['delivered', 'skipped'])
    expect(await shopper.reasonsAt('topmail')).toEqual(['delivered', 'shared_visitor'])
    await shopper.view({ customer: String(other.id) })
    await shopper.becomes('topmail', ['delivered', 'skipped', 'delivered'])
    expect(shopper.topmailGot().at(-1)).toMatchObject({ email: other.email })
  })

  it('are one person if the guest’s address is the customer’s', async () => {
    const guest = { visitorId: VISITOR, customer: null, email: 'MARA@example.com' }
    await app.store.webhook({ topic: 'checkouts/update', payload: checkoutPayload(order.options(guest)) })
    order.next()
    await order.send('orders/create', { visitorId: VISITOR })
    await shopper.view()
    await shopper.becomes('topmail', ['delivered'])
  })
})

describe('a vendor that is switched off', () => {
  it('leaves it waiting; who becomes known meanwhile is held, and sent when it is on again', async () => {
    const lane = app.lane('topmail')
    await shopper.view()
    await shopper.becomes('topmail', ['waiting'])
    await switchLane(app.server.services.pool, lane, false)
    expect(await shopper.statesAt('topmail')).toEqual(['waiting'])
    await order.send('orders/create', { visitorId: VISITOR })
    await shopper.becomes('topmail', ['held'])
    await switchLane(app.server.services.pool, lane, true)
    await app.signal('topmail')
    await shopper.becomes('topmail', ['delivered'])
  })
})
