/** The sandbox store and the whole app: what a customer does in the one arrives at the vendors of the other. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Storefront, startStorefront } from '../../sandbox/store/storefront.ts'
import { Shopper } from '../../sandbox/store/testing.ts'
import { SECRET, SHOP } from '../support/app.ts'
import { freshApp } from '../support/fresh-app.ts'

const { app } = freshApp()
let store: Storefront
beforeEach(async () => {
  await app.connect('ecomail')
  store = await startStorefront({ appUrl: app.url, secret: SECRET, shop: SHOP })
})
afterEach(() => store.close())

it('an order of a signed-in customer arrives, and the app takes everything the store says', async () => {
  const who = new Shopper(store.url)
  await who.submit('/account/login', { email: 'walker@example.com', first_name: 'Walker' })
  await who.post('/cart/add.js', { id: 43012345678913, quantity: 2 })
  await who.post('/cart/change.js', { id: 43012345678913, quantity: 1 })
  const address = String((await who.send('/checkout')).headers.get('location'))
  await who.submit(`${address}/contact`, {
    email: 'walker@example.com',
    first_name: 'Walker',
    marketing: 'on',
  })
  await who.submit(`${address}/pay`, {})
  await store.settled()
  const refused = store.webhooks.filter(webhook => webhook.status !== 200)
  expect(refused).toEqual([])
  await app.idle()
  const states = await app.states()
  expect(states).toContainEqual(['order_paid', 'delivered', null])
  expect(states.filter(([, state]) => state === 'dead')).toEqual([])
  const sent = JSON.stringify(app.vendors.inbox('ecomail').map(entry => entry.body))
  expect(sent).toContain('walker@example.com')
  expect(sent).toContain('Tide Lantern')
})

it('a batch through the store’s proxy is taken, as the customer’s who is signed in', async () => {
  const who = new Shopper(store.url)
  await who.submit('/account/login', { customer: '7012345678901' })
  const at = new Date().toISOString()
  const event = { id: 'e-1', type: 'search_submitted', at, data: { query: 'lamp' } }
  const consent = { analytics: true, marketing: true }
  const batch = { visitorId: 'v-1', sentAt: at, consent, events: [event] }
  const response = await who.post('/apps/sluice/events', batch)
  expect([response.status, await response.json()]).toEqual([202, { accepted: 1, rejected: [] }])
  expect(store.proxied).toMatchObject([{ path: '/events', customerId: '7012345678901', status: 202 }])
})
