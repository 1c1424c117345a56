/** Whose page a pixel's batch may come from, and with which key: what a process learns of it, and tells of refusals. */
import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { readPixelKeys, rotatePixelKey } from '../../app/shopify/pixel-key.ts'
import { BROWSER } from '../../sandbox/store/shopify.ts'
import { runningApp } from '../support/fresh-app.ts'

const { app } = runningApp()
const pool = () => app.server.services.pool

/** A shop that the process has not met: what it remembers of one counts for a minute. */
async function newShop(): Promise<{ id: number; shop: string; key: string }> {
  const shop = `${randomUUID()}.myshopify.com`
  const { rows } = await pool().query<{ id: number }>('insert into shops (domain) values ($1) returning id', [
    shop,
  ])
  const key = (await readPixelKeys(pool(), [shop])).get(shop)?.key ?? ''
  return { id: rows[0]?.id ?? 0, shop, key }
}
async function send({ shop, key }: { shop: string; key: string }, origin: string): Promise<number> {
  const event = { id: randomUUID(), type: 'search_submitted', at: new Date(), data: { query: 'lamp' } }
  const consent = { analytics: true, marketing: true }
  const answer = await fetch(`${app.url}/pixel/events`, {
    method: 'POST',
    headers: { 'user-agent': BROWSER, origin },
    body: JSON.stringify({ shop, key, visitorId: 'v-1', sentAt: new Date(), consent, events: [event] }),
  })
  return answer.status
}
const refused = async (shop: string) =>
  (await pool().query('select pixel_refused_host as host from shops where domain = $1', [shop])).rows

describe('a shop whose pages Shopify has not told yet', () => {
  it.each(['https://shop.example.com', 'https://shop.example.cz'])(
    'is not refused for its page %s: the key says as much',
    async origin => expect(await send(await newShop(), origin)).toBe(202),
  )
})

describe('a shop of several markets', () => {
  it('may send from each of their domains, and from no stranger’s', async () => {
    const one = await newShop()
    await pool().query(`update shops set hosts = '{shop.example.com,shop.example.cz}' where id = $1`, [
      one.id,
    ])
    const origins = ['shop.example.com', 'shop.example.cz', one.shop, 'shop.example.hu']
    expect(await Promise.all(origins.map(host => send(one, `https://${host}`)))).toEqual([202, 202, 202, 401])
  })
})

describe('a page that is refused', () => {
  it('is told to the operator once, and kept for support, however often it comes', async () => {
    const one = await newShop()
    await pool().query('update shops set hosts = array[domain] where id = $1', [one.id])
    for (let n = 0; n < 5; n++) expect(await send(one, 'https://shop.example.hu')).toBe(401)
    const told = app.logs.filter(line => line.includes('other_page') && line.includes(one.shop))
    expect(told).toHaveLength(1)
    expect(told[0]).toContain('"host":"shop.example.hu"')
    await expect.poll(() => refused(one.shop)).toEqual([{ host: 'shop.example.hu' }])
  })

  it('is not kept of who has no key', async () => {
    const one = await newShop()
    await pool().query('update shops set hosts = array[domain] where id = $1', [one.id])
    expect(await send({ ...one, key: 'f'.repeat(32) }, 'https://shop.example.hu')).toBe(401)
    expect(await refused(one.shop)).toEqual([{ host: null }])
  })
})

describe('a key that was rotated', () => {
  it('loses no event of pages that are open, nor of a pixel that has the new one later', async () => {
    const one = await newShop()
    const key = await rotatePixelKey(pool(), one.id)
    expect([await send(one, 'null'), await send({ ...one, key }, 'null')]).toEqual([202, 202])
    expect(await send({ ...one, key: 'f'.repeat(32) }, 'null')).toBe(401)
  })

  it('is refused after a day', async () => {
    const one = await newShop()
    await rotatePixelKey(pool(), one.id)
    await pool().query('update shops set pixel_key_before_until = now() where id = $1', [one.id])
    expect(await send(one, 'null')).toBe(401)
  })
})
