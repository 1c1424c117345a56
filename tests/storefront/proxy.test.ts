/** The sandbox store's app proxy, as the app's own check of Shopify's signature sees it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { verifyProxy } from '../../app/shopify/verify.ts'
import { SECRET, SHOP, Shopper, startTestStore, type TestStore } from '../../sandbox/store/testing.ts'

let test: TestStore
let moved: TestStore
beforeAll(async () => {
  test = await startTestStore()
  moved = await startTestStore({ proxyPath: '/community/signals' })
})
afterAll(() => Promise.all([test.close(), moved.close()]))

/** Sends through the proxy. @returns what the app received, and what the page got */
async function through(path: string, init: RequestInit, who = new Shopper(test.store.url), at = test) {
  const response = await who.send(path, init)
  const request = at.app.requests.at(-1)
  if (!request) throw new Error('the app received nothing')
  return { response, request, proof: verifyProxy(request.url, [SECRET], new Date()) }
}

describe('the app proxy', () => {
  it('signs what it forwards, so that the app believes it', async () => {
    const body = '{"a":1}'
    const { request, proof } = await through('/apps/sluice/events?x=1&x=2&%C5%BE=%26', {
      method: 'POST',
      body,
    })
    expect(proof).toEqual({ shop: SHOP, customerId: null, pathPrefix: '/apps/sluice' })
    expect(request).toMatchObject({ method: 'POST', url: { pathname: '/proxy/events' }, body })
    expect(request.url.searchParams.getAll('x')).toEqual(['1', '2'])
  })

  it('says who is signed in, whatever the page claims', async () => {
    const who = new Shopper(test.store.url)
    const claim = '/apps/sluice/events?logged_in_customer_id=1&shop=other.myshopify.com&signature=0'
    expect((await through(claim, { method: 'POST' }, who)).proof).toMatchObject({
      customerId: null,
      shop: SHOP,
    })
    await who.submit('/account/login', { customer: '7012345678902' })
    expect((await through(claim, { method: 'POST' }, who)).proof).toMatchObject({
      customerId: '7012345678902',
      shop: SHOP,
    })
    await who.submit('/account/logout', {})
    expect((await through(claim, {}, who)).proof).toMatchObject({ customerId: null })
  })

  it('takes cookies out both ways, and says where the request came from', async () => {
    const who = new Shopper(test.store.url)
    await who.send('/')
    const { request, response } = await through(
      '/apps/sluice/events',
      { method: 'POST', headers: { 'user-agent': 'tester' } },
      who,
    )
    expect(request.headers).toMatchObject({
      'user-agent': 'tester',
      'x-forwarded-for': expect.stringContaining('127.0.0.1'),
      'x-forwarded-host': new URL(test.store.url).host,
    })
    expect(request.headers).not.toHaveProperty('cookie')
    expect(response.headers.getSetCookie().join()).not.toContain('app=')
    expect(response.headers.get('x-powered-by')).toBeNull()
    expect(response.headers.get('x-kept')).toBe('yes')
    expect(await response.json()).toEqual({ taken: true })
  })

  it('is where the merchant put it', async () => {
    const who = new Shopper(moved.store.url)
    const { proof } = await through('/community/signals/events', { method: 'POST' }, who, moved)
    expect(proof).toMatchObject({ pathPrefix: '/community/signals' })
    expect((await who.send('/apps/sluice/events', { method: 'POST' })).status).toBe(404)
  })

  it('answers 502 while the app is away', async () => {
    const lonely = await startTestStore({ appUrl: 'http://127.0.0.1:1' })
    const response = await new Shopper(lonely.store.url).send('/apps/sluice/events', { method: 'POST' })
    await lonely.close()
    expect(response.status).toBe(502)
  })
})
