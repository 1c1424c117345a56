/**
 * Every loader and action of the admin, asked by those who have no business there: nobody, a forger, and another shop with this
 * shop's ids. None finds anything of this shop or changes anything of it. The routes are the build's: a new one is tried as well.
 */
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { sessionToken } from '../../sandbox/admin/session-token.ts'
import type { AdminStandIn } from '../../sandbox/store/admin/contract.ts'
import { startAdmin } from '../../sandbox/store/admin/server.ts'
import { SIGNED_IN } from '../../sandbox/store/payloads.ts'
import { BROWSER } from '../../sandbox/store/shopify.ts'
import { VENDORS } from '../../sandbox/vendors/contract.ts'
import {
  type AdminRoute,
  addressesOf,
  adminRoutesOf,
  askAsMerchant,
  dataAddress,
  serverBuild,
} from '../support/admin-routes.ts'
import { SECRET, SETTINGS, SHOP, startApp, type TestApp } from '../support/app.ts'
import { API_KEY } from '../support/merchant.ts'
import { orders } from '../support/orders.ts'
import { digestOf } from '../support/tenants.ts'
import { actionCases, queriesOf, type Targets } from './matrix-cases.ts'

// Hundreds of requests each, and more with every page.
vi.setConfig({ testTimeout: 120_000 })

const OTHER = 'other-shop.myshopify.com'
const ORDER = '#771177'
const BY_VOUCHERIFY = 'marked_order_placed'
const PRODUCT = 'Harbour Lamp'
const SIGNED = { apiKey: API_KEY, apiSecret: SECRET }
const routes = adminRoutesOf(await serverBuild())
const named = routes.map(route => [route.id, route] as const)
const acting = named.filter(([, { hasAction }]) => hasAction)

let app: TestApp
let standIn: AdminStandIn
let targets: Targets
let values: Record<string, string[]>
/** What would give this shop away in an answer. */
let markers: string[]
const made = orders(() => app)

beforeAll(async () => {
  standIn = await startAdmin({ ...SIGNED, customer: () => null })
  app = await startApp({ env: { SHOPIFY_ADMIN_BASE_URL: standIn.url } })
  await app.connect('alana')
  await app.connect('ecomail')
  await app.connect('voucherify', {
    ...SETTINGS.voucherify,
    eventNames: { order_created: BY_VOUCHERIFY },
  })
  await made.send('orders/create', { name: ORDER })
  await app.idle()
  // Both have opened the app once, and the other one uses a tool, too: nothing is left that a visit would write.
  for (const shop of [SHOP, OTHER]) await ask('/app?_data=routes%2Fapp', { shop })
  await ask(`/app/vendors/alana?_data=${encodeURIComponent('routes/app.vendors.$vendor')}`, {
    shop: OTHER,
    form: { intent: 'save', 'set.apiKey': SETTINGS.alana.apiKey, 'row.order_created': 'on' },
  })
  const { rows } = await app.test.database.pool.query<{ id: string; customer: string; exchange: string }>(
    `select e.id, e.customer_id as customer, x.id as exchange from events e, exchanges x
     where e.shop_id = $1 and e.type = 'order_created' and x.shop_id = e.shop_id`,
    [app.shopId],
  )
  const [first = { id: '', customer: '' }] = rows
  targets = { event: first.id, order: ORDER, email: SIGNED_IN.email, customer: first.customer }
  values = { event: [first.id], vendor: [...VENDORS] }
  markers = [
    ...[first.id, first.customer, ORDER, SIGNED_IN.email, SHOP, BY_VOUCHERIFY, PRODUCT, String(made.id)],
    ...rows.map(({ exchange }) => exchange),
  ]
}, 60_000)

afterAll(async () => {
  await app?.close()
  await standIn?.close()
})

const ask = (path: string, asking: { shop: string; form?: Record<string, string> }) =>
  askAsMerchant(`${app.url}${path}`, { ...SIGNED, ...asking })

type Request = { path: string; form?: Record<string, string> }

/** A route's loader with every value and query: its data alone, and with the first of them as a page, which is drawn from that data. */
function loads(route: AdminRoute, queries: readonly string[] = queriesOf(targets)): Request[] {
  return addressesOf(route, values).flatMap(path => {
    const paths = [path, ...queries.map(query => `${path}?${query}`)]
    return [
      ...paths.map(each => ({ path: dataAddress(route, each) })),
      ...paths.slice(0, 2).map(each => ({ path: each })),
    ]
  })
}

function acts(route: AdminRoute): Request[] {
  const cases = actionCases(targets)[route.id] ?? []
  return cases.flatMap(({ form, params }) =>
    addressesOf(route, params ? listed(params) : values).map(path => ({
      path: dataAddress(route, path),
      form: { ...form },
    })),
  )
}
const listed = (params: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(params).map(([name, value]) => [name, [value]]))

/** What of this shop stands in an answer and did not stand in the question. */
function toldBy(text: string, { path, form }: Request): string[] {
  const asked = `${path} ${decodeURIComponent(path)} ${JSON.stringify(form ?? {})}`
  return markers.filter(marker => text.includes(marker) && !asked.includes(marker))
}

/** All that an answer says, also in a file that is compressed. */
async function said(answer: Response): Promise<string> {
  const body = Buffer.from(await answer.arrayBuffer())
  const isGzip = body[0] === 0x1f && body[1] === 0x8b
  return `${(isGzip ? gunzipSync(body) : body).toString()} ${answer.headers.get('location') ?? ''}`
}

const digest = async (shopId?: number) => {
  await app.idle()
  return digestOf(app.test.database.pool, shopId)
}

/** Each request in turn, then what they found and whether anything is not as it was. */
async function harmless(
  requests: readonly Request[],
  send: (request: Request) => Promise<Response>,
  shopId?: number,
): Promise<void> {
  const before = await digest(shopId)
  for (const request of requests) {
    const answer = await send(request)
    const text = await said(answer)
    expect([request, answer.status, toldBy(text, request)]).toEqual([request, answer.status, []])
    expect(answer.status).not.toBeGreaterThanOrEqual(500)
  }
  expect(await digest(shopId)).toEqual(before)
}

const plain = (path: string, form: Record<string, string> | undefined, token: string | null) =>
  fetch(`${app.url}${path}`, {
    redirect: 'manual',
    headers: { 'user-agent': BROWSER, ...(token !== null && { authorization: `Bearer ${token}` }) },
    ...(form && { method: 'POST', body: new URLSearchParams(form) }),
  })

describe('the routes of the admin', () => {
  it('are those of the build, the frame of all among them', () => {
    const ids = routes.map(({ id }) => id)
    expect(ids).toEqual(expect.arrayContaining(['routes/app', 'routes/app._index']))
    expect(routes.filter(({ hasLoader }) => !hasLoader)).toEqual([])
  })

  it('have cases for each action, and no case is of a route that is gone', () => {
    expect(Object.keys(actionCases(targets)).sort()).toEqual(acting.map(([id]) => id).sort())
  })
})

describe('for the shop itself', () => {
  const seen = new Set<string>()

  it.each(named)('%s answers', async (_, route) => {
    const statuses: number[] = []
    for (const { path } of loads(route)) {
      const answer = await ask(path, { shop: SHOP })
      statuses.push(answer.status)
      const text = await said(answer)
      for (const marker of markers) if (text.includes(marker)) seen.add(marker)
    }
    // What needs a query has no answer without it.
    expect(statuses.filter(status => status >= 500)).toEqual([])
    if (route.isMissing) expect(new Set(statuses)).toEqual(new Set([404]))
    else expect(statuses).toContain(200)
  })

  it('the loaders together have shown what the others must not see', () => {
    // An exchange is shown by what was sent in it, and an address in part.
    const shown = [targets.event, targets.customer, ORDER, SHOP, BY_VOUCHERIFY, PRODUCT]
    expect([...seen]).toEqual(expect.arrayContaining(shown))
  })
})

/** Each answers with a token, or null for none. */
const strangers: [string, () => Promise<string | null>][] = [
  ['without a session', async () => null],
  ['with a word for a session', async () => 'open-sesame'],
  ['with another signature', () => sessionToken({ ...SIGNED, shop: SHOP, apiSecret: 'another' })],
  ["with another app's session", () => sessionToken({ ...SIGNED, shop: SHOP, apiKey: 'another' })],
  ['with a session that is over', () => sessionToken({ ...SIGNED, shop: SHOP, seconds: -120 })],
]

describe.each(strangers)('%s', (_, tokenOf) => {
  // Refused before anything of a query is read.
  it.each(named)('%s tells nothing', async (_id, route) => {
    const requests = loads(route, queriesOf(targets).slice(0, 1))
    await harmless(requests, async ({ path, form }) => plain(path, form, await tokenOf()))
  })

  it.each(acting)('%s does nothing', async (_id, route) => {
    await harmless(acts(route), async ({ path, form }) => {
      const answer = await plain(path, form, await tokenOf())
      expect(answer.status).not.toBe(200)
      return answer
    })
  })
})

describe('a forged session in the address', () => {
  it.each(named)('opens nothing of %s', async (_, route) => {
    const host = Buffer.from('admin.shopify.com/store/test-shop').toString('base64url')
    for (const [, tokenOf] of strangers) {
      const query = new URLSearchParams({
        embedded: '1',
        shop: SHOP,
        host,
        id_token: (await tokenOf()) ?? '',
      })
      const requests = addressesOf(route, values).map(path => ({ path: `${path}?${query}` }))
      await harmless(requests, ({ path }) => plain(path, undefined, null))
    }
  })
})

describe("with another shop's session", () => {
  it.each(named)('%s finds nothing', async (_, route) => {
    const requests = loads(route)
    await harmless(requests, ({ path }) => ask(path, { shop: OTHER }), app.shopId)
  })

  it.each(named)('%s finds nothing, though this shop is named beside it', async (_, route) => {
    const requests = addressesOf(route, values).map(path => ({
      path: dataAddress(route, `${path}?shop=${SHOP}&shopId=${app.shopId}`),
    }))
    await harmless(requests, ({ path }) => ask(path, { shop: OTHER }), app.shopId)
  })

  it.each(acting)('%s does nothing', async (_, route) => {
    const named = acts(route).map(({ path, form }) => ({
      path,
      form: { ...form, shop: SHOP, shopId: String(app.shopId) },
    }))
    await harmless(
      [...acts(route), ...named],
      ({ path, form }) => ask(path, { shop: OTHER, ...(form && { form }) }),
      app.shopId,
    )
  })
})

describe('the same, done by the shop itself at last', () => {
  it.each(acting)('%s does what it is there for', async (_, route) => {
    for (const { tell, form, own, params } of actionCases(targets)[route.id] ?? []) {
      const before = await digest(app.shopId)
      const [path = ''] = addressesOf(route, params ? listed(params) : { ...values, vendor: ['alana'] })
      const { status } = await ask(dataAddress(route, path), { shop: SHOP, form: { ...form } })
      const after = await digest(app.shopId)
      const changed = Object.keys({ ...before, ...after }).filter(table => before[table] !== after[table])
      expect([tell, status < 400, changed.length > 0 ? 'changes' : 'reads'], `${changed}`).toEqual([
        tell,
        true,
        own,
      ])
    }
  })
})
