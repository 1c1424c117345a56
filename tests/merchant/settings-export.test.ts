/** A merchant takes the shop's events away as a file. */
import { readFile } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'
import { v7 as uuidv7 } from 'uuid'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { sessionToken } from '../../sandbox/admin/session-token.ts'
import { SIGNED_IN } from '../../sandbox/store/payloads.ts'
import { BROWSER } from '../../sandbox/store/shopify.ts'
import { SECRET, SETTINGS, SHOP } from '../support/app.ts'
import { API_KEY, merchantTools } from '../support/merchant.ts'
import { orders } from '../support/orders.ts'
import { leave } from '../support/tabs.ts'

const tools = merchantTools()
const made = orders(() => tools.app)
const OTHER = 'other-shop.myshopify.com'
const DAY_MS = 86_400_000
/** More than two pages. */
const MANY = 2_300
const pool = () => tools.app.test.database.pool
const dayOf = (time: number) => new Date(time).toISOString().slice(0, 10)

type Line = {
  id: string
  type: string
  actor: { email: string | null }
  deliveries: { vendor: string; state: string }[]
}
const linesOf = (file: Buffer): Line[] =>
  gunzipSync(file)
    .toString('utf8')
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line))

async function ask(query: string, shop = SHOP): Promise<Response> {
  const token = await sessionToken({ shop, apiKey: API_KEY, apiSecret: SECRET })
  return fetch(`${tools.app.url}/app/settings/export?${query}`, {
    redirect: 'manual',
    headers: { 'user-agent': BROWSER, authorization: `Bearer ${token}` },
  })
}

/** Page views of that shop at that time. @returns their ids, oldest first */
async function views(shopId: number, at: number, count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, (_, n) => uuidv7({ msecs: at + n })).sort()
  await pool().query(
    `insert into events (shop_id, id, type, source, dedupe_key, occurred_at, received_at, consent, data)
     select $1, id, 'page_viewed', 'storefront', id::text, now(), now(), '{"analytics":true,"marketing":true}', '{"url":"https://shop.example.com/","page":{"type":"index","title":null,"referrer":null}}'
     from unnest($2::uuid[]) as id`,
    [shopId, ids],
  )
  return ids
}

let orderId: string
let seen: string[]
beforeAll(async () => {
  await tools.app.connect('alana')
  await made.send('orders/create', { name: '#1001' })
  await tools.app.idle()
  const { rows } = await pool().query<{ id: string }>('select id from events')
  orderId = rows[0]?.id ?? ''
  const yesterday = Date.now() - DAY_MS
  seen = await views(tools.app.shopId, yesterday, MANY)
  await pool().query(`update events set data = '{}' where id = $1`, [seen[1]])
  await views(tools.app.shopId, Date.now() - 40 * DAY_MS, 3)
  await ask('since=2026-01-01&until=2026-01-01', OTHER)
  const other = await pool().query<{ id: number }>('select id from shops where domain = $1', [OTHER])
  await views(other.rows[0]?.id ?? 0, yesterday, 5)
})

describe('the file', () => {
  it('holds exactly the events of the period with their deliveries, from inside the frame', async () => {
    const { page, app } = await tools.open('/app/settings')
    // Before the page is alive, it takes no choice.
    await vi.waitFor(
      () => app.getByRole('radio', { name: 'All data (JSON)' }).check({ force: true, timeout: 1_000 }),
      15_000,
    )
    const downloading = page.waitForEvent('download', { timeout: 60_000 })
    await app.getByRole('button', { name: 'Download' }).click()
    const download = await downloading
    expect(download.suggestedFilename()).toMatch(
      /^sluice-test-shop-\d{4}-\d\d-\d\d-\d{4}-\d\d-\d\d\.ndjson\.gz$/,
    )
    const lines = linesOf(await readFile(await download.path()))
    expect(lines.map(({ id }) => id)).toEqual([...seen, orderId])
    expect(lines[0]).toMatchObject({ type: 'page_viewed', actor: { email: null }, deliveries: [] })
    // One that nobody can read any more.
    expect(lines[1]).toMatchObject({ type: 'page_viewed', unreadable: true })
    expect(lines.at(-1)).toMatchObject({
      type: 'order_created',
      deliveries: [{ vendor: 'alana', state: 'delivered' }],
    })
    await page.locator('#toast').getByText('2,301 events downloaded').waitFor()
    await leave(page)
  }, 90_000)

  it('is none where the period has no events, which stays said until other days are asked for', async () => {
    const { page, app } = await tools.open('/app/settings')
    let downloads = 0
    page.on('download', () => downloads++)
    await app.locator('#export-since').fill('2026-01-01')
    await app.locator('#export-until').fill('2026-01-02')
    await app.getByRole('button', { name: 'Download' }).click()
    const none = app.getByText('There are no events of these days: nothing to download.')
    await none.waitFor()
    expect(downloads).toBe(0)
    await app.locator('#export-until').fill('2026-01-03')
    await none.waitFor({ state: 'detached' })
    await leave(page)
  })

  it('tells the zone of its times by the chosen format, not UTC for a table that has the shop’s', async () => {
    await pool().query(`update shops set time_zone = 'Europe/Prague' where domain = $1`, [SHOP])
    const { page, app } = await tools.open('/app/settings')
    const ofTable = app.getByText('Times in the file are in the shop’s time zone: Europe/Prague.')
    await ofTable.waitFor()
    await app.getByRole('radio', { name: 'All data (JSON)' }).check({ force: true })
    await app.getByText('Times in the file are in UTC.').waitFor()
    expect(await ofTable.count()).toBe(0)
    await leave(page)
    await pool().query('update shops set time_zone = null where domain = $1', [SHOP])
  })

  it('masks people as Activity does, and holds no key', async () => {
    const response = await ask(`since=${dayOf(Date.now())}&until=${dayOf(Date.now())}`)
    const text = gunzipSync(Buffer.from(await response.arrayBuffer())).toString('utf8')
    expect(text).toContain(`${SIGNED_IN.email[0]}…@`)
    expect(text).not.toContain(SIGNED_IN.email)
    expect(text).not.toContain(SETTINGS.alana.apiKey)
  })

  it('can be stopped, and then nothing is saved', async () => {
    const { page, app } = await tools.open('/app/settings')
    let asked = 0
    await page.route('**/app/settings/export**', async route => {
      asked++
      if (asked === 1) await route.continue()
    })
    await app.getByRole('button', { name: 'Download' }).click()
    await app.getByText('300 events so far. Keep this page open.').waitFor()
    await app.getByRole('button', { name: 'Stop' }).click()
    await app.getByRole('button', { name: 'Stop' }).waitFor({ state: 'detached' })
    expect(await app.getByText('The download broke off').count()).toBe(0)
    await leave(page)
  })

  it('that breaks off says so', async () => {
    const { page, app } = await tools.open('/app/settings')
    await page.route('**/app/settings/export**', route => route.abort())
    await app.getByRole('button', { name: 'Download' }).click()
    await app.getByText('The download broke off').waitFor()
    await leave(page)
  })
})

describe('the table', () => {
  it('is a row for each delivery over all pages, with one line of names, as text', async () => {
    const { page, app } = await tools.open('/app/settings')
    const downloading = page.waitForEvent('download', { timeout: 60_000 })
    await app.getByRole('button', { name: 'Download' }).click()
    const download = await downloading
    expect(download.suggestedFilename()).toMatch(/^sluice-test-shop-[\d-]+\.csv$/)
    const text = await readFile(await download.path(), 'utf8')
    expect(text.startsWith('\ufeffEvent,Order,Product,Amount,Currency,Amount once per event,')).toBe(true)
    const [names = '', ...rows] = text.trimEnd().split('\r\n')
    const idAt = names.split(',').indexOf('event_id')
    expect(rows.map(row => row.split(',')[idAt])).toEqual([...seen, orderId])
    expect(rows.at(-1)).toMatch(
      /^Order placed,#1001,,[\d.]+,EUR,[\d.]+,.*,Alana,Delivered,.*,alana,delivered,,[^,]+,[^,]+$/,
    )
    await leave(page)
  }, 90_000)

  it('has semicolons where the language’s numbers have a comma, and is none of an empty period', async () => {
    const { page, app } = await tools.open('/app/settings', { locale: 'cs' })
    const asked = page.waitForRequest('**/app/settings/export**')
    await app.locator('#export-since').fill('2026-01-01')
    await app.locator('#export-until').fill('2026-01-02')
    await app.getByRole('button', { name: 'Stáhnout' }).click()
    expect(new URL((await asked).url()).searchParams.get('separator')).toBe(';')
    await app.getByText('Z těchto dnů nejsou žádné události').waitFor()
    await leave(page)
  })
})

describe('a page of it', () => {
  it('is of the verified session’s shop, whatever is asked', async () => {
    const period = `since=${dayOf(Date.now() - 2 * DAY_MS)}&until=${dayOf(Date.now())}`
    const response = await ask(`${period}&shop=${SHOP}`, OTHER)
    const lines = linesOf(Buffer.from(await response.arrayBuffer()))
    expect(lines).toHaveLength(5)
    expect(lines.filter(({ id }) => seen.includes(id) || id === orderId)).toEqual([])
    const after = await ask(`${period}&after=${seen[0]}`, OTHER)
    expect(linesOf(Buffer.from(await after.arrayBuffer())).some(({ id }) => seen.includes(id))).toBe(false)
  })

  it('of a day without events is an empty file', async () => {
    const response = await ask('since=2020-01-01&until=2020-01-02')
    expect(linesOf(Buffer.from(await response.arrayBuffer()))).toEqual([])
    expect(response.headers.get('x-sluice-next')).toBeNull()
  })

  it.each([
    '',
    'since=2026-11-01',
    'since=x&until=y',
    'since=2026-11-01&until=2026-11-02&after=1',
    'since=2026-11-01&until=2026-11-02&separator=x',
  ])('is not given for what makes no sense: %j', async query => {
    expect((await ask(query)).status).toBe(400)
  })

  it('is not given without a session', async () => {
    const response = await fetch(`${tools.app.url}/app/settings/export?since=2026-11-01&until=2026-11-02`, {
      redirect: 'manual',
      headers: { 'user-agent': BROWSER },
    })
    expect(response.status).not.toBe(200)
  })
})
