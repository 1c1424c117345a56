/** Hostile batches over HTTP, at once and through the spool: never a fault of ours, never anything in another shop. */
import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { parseStoreEvent } from '../../app/events/store-event.ts'
import { readPixelKeys } from '../../app/shopify/pixel-key.ts'
import { installShop } from '../../app/shopify/shops.ts'
import { hostileText } from '../../app/shopify/storefront/testing-hostile.ts'
import { untilIdle } from '../../sandbox/demo/idle.ts'
import { BROWSER, proxySignature } from '../../sandbox/store/shopify.ts'
import { SECRET, SHOP, startApp, type TestApp } from '../support/app.ts'

const OTHER = 'other-shop.myshopify.com'
/** By each of the two ways: 10,000 in all, most of them to the app that needs less time for each; no two kinds draw the same. */
const BATCHES = { atOnce: 4_000, spooled: 1_000 }
/** Over connections that stay open; fewer than make the app spool what it would accept at once. */
const AT_ONCE = 16
const SEED = fc.readConfigureGlobal().seed ?? 0
const UNLIMITED = {
  STOREFRONT_EVENTS_PER_SHOP: '999999999',
  STOREFRONT_EVENTS_PER_ADDRESS: '999999999',
  STOREFRONT_EVENTS_PER_VISITOR: '999999999',
  STOREFRONT_REFUSALS_PER_ADDRESS: '999999999',
}

let app: TestApp
let keys: Record<string, string>
const rows = async (text: string) => (await app.server.services.pool.query(text)).rows

const send = (path: string, body: Uint8Array<ArrayBuffer> | string) =>
  fetch(`${app.url}${path}`, { method: 'POST', headers: { 'user-agent': BROWSER }, body })
function signed(over: Record<string, string> = {}): URLSearchParams {
  const parameters = {
    logged_in_customer_id: '',
    path_prefix: '/apps/sluice',
    shop: SHOP,
    timestamp: String(Math.floor(Date.now() / 1000)),
    ...over,
  }
  return new URLSearchParams({ ...parameters, signature: proxySignature(SECRET, parameters) })
}
const viaProxy = (body: Uint8Array<ArrayBuffer> | string) => send(`/proxy/events?${signed()}`, body)
/** As its own shop, whatever shop the body already names. */
const viaPixel = (text: string) =>
  send('/pixel/events', text.replace(/\}\s*$/, `,"shop":"${SHOP}","key":"${keys[SHOP]}"}`))
const search = (id: string = randomUUID()) => ({
  id,
  type: 'search_submitted',
  at: new Date().toISOString(),
  data: { query: 'lamp' },
})
const plain = (over: object = {}) =>
  JSON.stringify({ visitorId: 'v-1', events: [search()], consent: { analytics: true }, ...over })

function isRefusal(status: number, said: Record<string, unknown>): boolean {
  return (
    [400, 401, 413].includes(status) && Object.keys(said).join() === 'error' && typeof said.error === 'string'
  )
}

/** Everything that was kept is this shop's, can be read back, and names nobody. */
async function expectSound(): Promise<number> {
  const events = await rows('select * from events')
  for (const event of events) {
    expect(event.shop_id).toBe(app.shopId)
    expect([event.customer_id, event.personal]).toEqual([null, null])
    const { id, type, source, subject, data, consent } = event
    parseStoreEvent({
      id,
      type,
      source,
      subject,
      data,
      dedupeKey: event.dedupe_key,
      occurredAt: event.occurred_at.toISOString(),
      receivedAt: event.received_at.toISOString(),
      version: null,
      actor: {
        visitorId: event.visitor_id,
        customerId: null,
        email: null,
        phone: null,
        firstName: null,
        lastName: null,
        address: null,
        attributes: {},
        consent,
        acceptsMarketing: null,
      },
    })
  }
  await expectNothingForeign()
  return events.length
}

/** Whatever ids the bodies named: no table has a row of another shop, and nobody became a person or was joined to one. */
async function expectNothingForeign(): Promise<void> {
  const tables = await rows(
    `select table_name as name from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
     where table_schema = 'public' and table_type = 'BASE TABLE' and column_name = 'shop_id'`,
  )
  expect(tables.length).toBeGreaterThan(10)
  for (const { name } of tables)
    expect(
      await rows(`select '${name}' as name from "${name}" where shop_id <> ${app.shopId} limit 1`),
    ).toEqual([])
  for (const name of ['customers', 'visitor_links', 'customer_fetches'])
    expect(await rows(`select '${name}' as name from ${name} limit 1`)).toEqual([])
}

describe.each([
  ['accepted at once', BATCHES.atOnce, 0, {}],
  ['kept as they came', BATCHES.spooled, 2, { SPOOL_FROM: '1' }],
])('hostile batches %s', (_, count, kind, env) => {
  beforeAll(async () => {
    app = await startApp({ env: { ...UNLIMITED, ...env } })
    await installShop(app.server.services.database.prisma, OTHER, [])
    const known = await readPixelKeys(app.server.services.pool, [SHOP, OTHER])
    keys = Object.fromEntries([...known].map(([shop, { key }]) => [shop, key]))
  })
  afterAll(() => app.close())
  beforeEach(() => app.reset())

  it.each([
    ['the proxy', 'storefront', 0, viaProxy],
    ['the pixel', 'pixel', 1, viaPixel],
  ])(
    'through %s are answered, and never by a fault of ours',
    { timeout: 120_000 },
    async (_name, source, way, via) => {
      const counts: Record<number, number> = {}
      const faults: unknown[] = []
      let told = 0
      const texts = fc.sample(hostileText, { numRuns: count, seed: SEED + kind + way }).values()
      const sendThem = async () => {
        for (const text of texts) {
          const answer = await via(text)
          counts[answer.status] = (counts[answer.status] ?? 0) + 1
          const said = await answer.json()
          if (answer.status === 202) told += said.accepted
          else if (!isRefusal(answer.status, said)) faults.push({ status: answer.status, said, text })
        }
      }
      await Promise.all(Array.from({ length: AT_ONCE }, sendThem))
      expect(faults).toEqual([])
      await untilIdle(app.server.services, 60_000)
      expect(await rows('select * from spool')).toEqual([])
      const kept = await expectSound()
      expect(await rows('select distinct source from events')).toEqual([{ source }])
      // Else nothing but refusing would have been tried. Some events of a batch may be one: they share an id.
      expect(counts[202]).toBeGreaterThan(count / 4)
      expect(kept).toBeGreaterThan(count / 5)
      expect(kept).toBeLessThanOrEqual(told)
      expect(app.logs.join('')).not.toContain('could not be accepted')
    },
  )

  it('that name another shop are of the shop that is proven, or refused', async () => {
    expect((await viaProxy(plain({ shop: OTHER, key: keys[OTHER], shopId: 1 }))).status).toBe(202)
    expect((await send('/pixel/events', plain({ shop: OTHER, key: keys[SHOP] }))).status).toBe(401)
    expect((await send('/pixel/events', plain({ shop: SHOP, key: keys[OTHER] }))).status).toBe(401)
    const twice = plain().replace('{', `{"shop":"${OTHER}","key":"${keys[SHOP]}",`)
    expect((await viaPixel(twice)).status).toBe(202)
    const inherited = plain().replace('{', `{"__proto__":{"shop":"${SHOP}","key":"${keys[SHOP]}"},`)
    expect((await send('/pixel/events', inherited)).status).toBe(401)
    await app.idle()
    expect(await expectSound()).toBe(2)
  })

  it('whose signature was altered, or is of another time or request, are refused', async () => {
    const good = signed()
    const change = (edit: (query: URLSearchParams) => void) => {
      const query = new URLSearchParams(good)
      edit(query)
      return send(`/proxy/events?${query}`, plain())
    }
    const signature = good.get('signature') ?? ''
    const altered = [
      change(query => query.set('shop', OTHER)),
      change(query => query.append('shop', OTHER)),
      change(query => query.set('logged_in_customer_id', '666')),
      change(query => query.set('timestamp', String(Math.floor(Date.now() / 1000) + 1))),
      change(query => query.set('extra', '1')),
      change(query => query.delete('signature')),
      change(query =>
        query.set(
          'signature',
          signature.replace(/^./, first => (first === '0' ? '1' : '0')),
        ),
      ),
      change(query => query.set('signature', '')),
      change(query => query.append('signature', signature)),
      // A proof of another request, and of this shop: a minute and a half is all that it holds.
      send(`/proxy/events?${signed({ timestamp: String(Math.floor(Date.now() / 1000) - 120) })}`, plain()),
      send(`/proxy/events?${signed({ timestamp: '1e400' })}`, plain()),
      send(`/proxy/events?${signed({ shop: `${SHOP}\u0000` })}`, plain()),
    ]
    for (const answer of await Promise.all(altered)) expect(answer.status).toBe(401)
    expect(await rows('select * from events')).toEqual([])
  })

  it('that are sent again within the time of their signature are the same events', async () => {
    const path = `/proxy/events?${signed()}`
    const body = plain({ events: [search('1'), search('2')] })
    for (const answer of await Promise.all(Array.from({ length: 5 }, () => send(path, body))))
      expect(await answer.json()).toEqual({ accepted: 2, rejected: [] })
    await app.idle()
    expect(await expectSound()).toBe(2)
  })

  it.each([
    ['a million elements', `{"visitorId":"v","events":[${'0,'.repeat(1_000_000)}0]}`, 413],
    ['as many as fit', `{"visitorId":"v","events":[${'0,'.repeat(32_000)}0]}`, 400],
    ['a nest as deep as fits', `{"visitorId":"v","events":${'['.repeat(32_000)}${']'.repeat(32_000)}}`, 202],
    ['a number beyond any', '{"visitorId":1e400,"events":[]}', 400],
    ['no end', '{"visitorId":"v","events":[', 400],
    ['NUL', '\u0000'.repeat(1000), 400],
  ])('of %s are answered at once', async (_name, body, status) => {
    const began = performance.now()
    expect((await viaProxy(body)).status).toBe(status)
    expect(performance.now() - began).toBeLessThan(2_000)
  })

  it('of bytes that are no UTF-8 are refused', async () => {
    expect((await viaProxy(Buffer.from([0x7b, 0xff, 0xfe, 0x7d]))).status).toBe(400)
    expect((await send('/pixel/events', Buffer.from([0xc3, 0x28]))).status).toBe(400)
  })
})
