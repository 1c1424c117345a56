/** A merchant sets the app up with the guide, then sees each day how it goes and what to do. */
import { randomUUID } from 'node:crypto'
import type { FrameLocator } from 'playwright-core'
import { v7 as uuidv7 } from 'uuid'
import { beforeEach, describe, expect, it } from 'vitest'
import { replay } from '../../app/delivery/replay.ts'
import { lastDays } from '../../app/insights/days.ts'
import { rollUpDays } from '../../app/insights/roll-up-days.ts'
import { sessionToken } from '../../sandbox/admin/session-token.ts'
import { BROWSER } from '../../sandbox/store/shopify.ts'
import { SECRET, SETTINGS, SHOP } from '../support/app.ts'
import { API_KEY, merchantTools } from '../support/merchant.ts'
import { frameOf, sideways, violations } from '../support/screen.ts'

const tools = merchantTools()
const OTHER = 'other-shop.myshopify.com'
const ROUTE = 'routes/app._index'
const pool = () => tools.app.test.database.pool

beforeEach(async () => {
  await tools.app.idle()
  await tools.app.reset()
  tools.standIn.reset()
  await pool().query('delete from connections')
  await pool().query(
    `update shops set storefront_heard_at = null, pixel_heard_at = null, guide_dismissed_at = null, pixel_id = null,
       pixel_settings = null, pixel_trouble = null, admin_trouble = null, retention_days = null, thinned_until = null`,
  )
})

/** Asks the page's data as a merchant of a shop; with an intent, its action. */
async function ask({
  shop = SHOP,
  intent,
  query = '',
}: {
  shop?: string
  intent?: string
  query?: string
} = {}) {
  const token = await sessionToken({ shop, apiKey: API_KEY, apiSecret: SECRET })
  return fetch(`${tools.app.url}/app?index&_data=${encodeURIComponent(ROUTE)}${query}`, {
    redirect: 'manual',
    headers: { 'user-agent': BROWSER, authorization: `Bearer ${token}` },
    ...(intent && { method: 'POST', body: new URLSearchParams({ intent }) }),
  })
}

/** A visitor looks at a product, as the theme's embed tells it. */
const visit = () =>
  tools.app.store.proxy({
    visitorId: randomUUID(),
    sentAt: new Date().toISOString(),
    consent: { analytics: true, marketing: true },
    events: [
      {
        ...{ id: randomUUID(), type: 'product_viewed', at: new Date().toISOString() },
        url: 'https://shop.example/products/lamp',
        data: {
          product: {
            ...{
              id: '8012345678901',
              variantId: '43012345678901',
              handle: 'lamp',
              title: 'Lamp',
              sku: 'L-1',
            },
            ...{ price: '139.99', currency: 'EUR', url: 'https://shop.example/products/lamp' },
          },
        },
      },
    ],
  })

type Made = { ago: number; vendor: string; state: string; count: number; reason?: string }

/** Deliveries of some days, and their counts. */
async function make(made: readonly Made[]): Promise<void> {
  for (const { ago, vendor, state, count, reason = null } of made) {
    const { from } = lastDays(new Date(), ago + 1, null)
    const at = Math.min(Date.parse(from) + 3600_000, Date.now())
    const ids = Array.from({ length: count }, () => uuidv7({ msecs: at }))
    await pool().query(
      `insert into events (shop_id, id, type, source, dedupe_key, occurred_at, received_at, consent, data)
       select $1, id, 'search_submitted', 'storefront', id::text, $3, $3, '{}', '{"query": "lantern"}' from unnest($2::uuid[]) id`,
      [tools.app.shopId, ids, new Date(at)],
    )
    await pool().query(
      `insert into deliveries (shop_id, event_id, vendor, state, reason, done, due_at, created_at, updated_at)
       select $1, id, $3, $4, $5, '{}', now(), $6, now() from unnest($2::uuid[]) id`,
      [tools.app.shopId, ids, vendor, state, reason, new Date(at)],
    )
  }
  await rollUpDays(pool())
}

/** So that only what a test is about needs attention. */
const settled = () =>
  pool().query('update shops set guide_dismissed_at = now(), storefront_heard_at = now() where id = $1', [
    tools.app.shopId,
  ])
const progress = (app: FrameLocator, done: number) => app.getByText(`${done} of 5 done`).waitFor()

describe('the set-up guide', () => {
  it('finds out by itself what is done, from nothing to the first event', async () => {
    let { page, app } = await tools.open()
    await progress(app, 0)
    expect(await violations(page)).toEqual([])
    await app.getByRole('link', { name: 'Choose a tool' }).click()
    await app.getByRole('link', { name: 'Connect Alana' }).click()
    await app.getByLabel('API key').fill(SETTINGS.alana.apiKey)
    await app.getByRole('button', { name: 'Test and connect' }).click()
    await page.getByText('Alana: settings saved').first().waitFor()
    await page.context().close()
    ;({ page, app } = await tools.open())
    await progress(app, 2)
    const editor = app.getByRole('link', { name: /Open the theme editor/ })
    await editor.waitFor()
    expect(await editor.getAttribute('href')).toBe(
      `https://${SHOP}/admin/themes/current/editor?context=apps&template=index&activateAppId=${API_KEY}%2Fsluice`,
    )
    const opened = page.waitForEvent('popup')
    await editor.click()
    const { pathname, search } = new URL((await editor.getAttribute('href')) ?? '')
    // In the place of Shopify's, the one that stands in for it.
    expect((await opened).url()).toBe(`${tools.frame.url}${pathname}${search}`)
    expect((await visit()).status).toBe(202)
    await progress(app, 4)
    await app.getByRole('button', { name: 'Allow the pixel' }).click()
    await app.getByText('You are all set').waitFor()
    expect(tools.standIn.pixel(SHOP)?.settings.shop).toBe(SHOP)
    expect(await violations(page)).toEqual([])
    await app
      .getByRole('link', { name: 'See the first event' })
      .or(app.getByRole('button', { name: 'See the first event' }))
      .click()
    await app.getByRole('heading', { name: 'Product viewed' }).waitFor()
    await page.context().close()
    ;({ page, app } = await tools.open())
    await app.getByRole('button', { name: 'Hide the guide' }).click()
    await app.getByText('You are all set').waitFor({ state: 'detached' })
    await page.reload()
    await app.getByText('Nothing needs you').waitFor()
    expect(await app.getByText('You are all set').count()).toBe(0)
    await page.context().close()
  }, 90_000)

  it('sends a test to tools that were saved without one, and shows what they say', async () => {
    await tools.app.connect('alana', { apiKey: 'ak_wrong_0000' })
    const { page, app } = await tools.open()
    await progress(app, 1)
    await app
      .getByRole('button', { name: /^Send a test/ })
      .first()
      .click()
    const send = app.locator('#guide-test').getByRole('button', { name: 'Send a test' })
    await send.click()
    await app
      .locator('#guide-test')
      .getByText(/Alana (does not|refused|did not).*key/i)
      .waitFor()
    expect(await violations(page)).toEqual([])
    await tools.app.connect('alana')
    await send.click()
    await page.getByText('Every tool accepted the test').first().waitFor()
    await progress(app, 2)
    await page.context().close()
  })

  it('says why the web pixel could not be allowed', async () => {
    const { page, app } = await tools.open()
    await progress(app, 0)
    const refused = { webPixel: null, userErrors: [{ code: 'NO_EXTENSION', message: 'No extension' }] }
    const text = JSON.stringify({ data: { webPixelCreate: refused } })
    tools.standIn.fail({ times: 1, only: 'graphql', status: 200, text })
    await app.getByRole('button', { name: 'Allow the web pixel' }).click()
    await app.getByRole('button', { name: 'Allow the pixel' }).click()
    await app.locator('#guide-pixel').getByText('has no web pixel at Shopify').waitFor()
    await progress(app, 0)
    await app.getByRole('button', { name: 'Allow the pixel' }).click()
    await progress(app, 1)
    await page.context().close()
  })
})

describe('the daily view', () => {
  const MADE = [
    { ago: 0, vendor: 'alana', state: 'delivered', count: 3 },
    { ago: 1, vendor: 'alana', state: 'delivered', count: 12 },
    { ago: 1, vendor: 'ecomail', state: 'delivered', count: 5 },
    { ago: 6, vendor: 'ecomail', state: 'delivered', count: 1 },
    { ago: 8, vendor: 'ecomail', state: 'delivered', count: 40 },
    { ago: 2, vendor: 'ecomail', state: 'dead', reason: 'rejected', count: 1 },
    { ago: 2, vendor: 'alana', state: 'skipped', reason: 'no_consent', count: 7 },
  ]

  it('draws what stands in the table', async () => {
    await tools.app.connect('alana')
    await tools.app.connect('ecomail')
    await settled()
    await make(MADE)
    const { page, app } = await tools.open()
    const chart = app.getByRole('slider', { name: 'Delivered, by tool and day, last 7 days' })
    await chart.press('Home')
    const drawn: string[] = []
    for (let day = 0; day < 7; day++) {
      drawn.push((await chart.getAttribute('aria-valuetext')) ?? '')
      await chart.press('ArrowRight')
    }
    await app.getByRole('button', { name: 'Show as a table' }).click()
    const table = app.getByRole('table').filter({ hasText: 'Day' })
    const cellsOf = (lines: string) =>
      table
        .locator(lines)
        .evaluateAll(all =>
          all.map(line => [...line.querySelectorAll('th, td')].map(cell => cell.textContent ?? '')),
        )
    const days = await cellsOf('tbody tr')
    const [, sums] = await cellsOf('thead tr')
    // Ecomail stands first, as among the tools.
    expect(
      days
        .map(([day, ecomail, alana]) => `${day?.replace('\u00a0', ' ')}: Ecomail ${ecomail} · Alana ${alana}`)
        .toReversed(),
    ).toEqual(drawn)
    expect(sums?.slice(1)).toEqual(['6', '15', '21'])
    expect(drawn.at(-2)).toMatch(/Ecomail 5 · Alana 12$/)
    expect(await violations(page)).toEqual([])
    await app.getByRole('button', { name: '30 days' }).click()
    await table.getByText('46', { exact: true }).first().waitFor()
    await page.context().close()
  })

  it('says how much was delivered of what was, or failed, and leads to the rest', async () => {
    await tools.app.connect('ecomail')
    await settled()
    await make(MADE)
    const page = await (await ask({ query: '&days=7' })).json()
    expect(page.totals).toEqual({ delivered: 21, skipped: 7, failed: 1, rate: 21 / 22 })
    const { page: tab, app } = await tools.open()
    await app.getByText('95.4%').first().waitFor()
    await app.getByRole('link', { name: 'Failed: 1' }).first().click()
    await app.getByRole('heading', { name: 'Activity' }).waitFor()
    expect(new URL(frameOf(tab).url()).searchParams.get('outcome')).toBe('failed')
    await app.getByRole('link', { name: 'Search' }).first().waitFor()
    await tab.context().close()
  })

  it('says of what is sent again that it was delivered, until it is known what came of it', async () => {
    await tools.app.connect('ecomail')
    await settled()
    await make([{ ago: 1, vendor: 'ecomail', state: 'delivered', count: 4 }])
    await pool().query('update connections set enabled = false')
    const totals = async () => {
      await rollUpDays(pool(), { justBegunSeconds: 0 })
      const page = await (await ask({ query: '&days=7' })).json()
      const { delivered, failed } = page.totals
      return { delivered, failed, held: page.now.held, shown: page.tools.find(isEcomail).totals.delivered }
    }
    const isEcomail = ({ id }: { id: string }) => id === 'ecomail'
    expect(await totals()).toEqual({ delivered: 4, failed: 0, held: 0, shown: 4 })
    await replay(pool(), { shopId: tools.app.shopId, states: ['delivered'] })
    expect(await totals()).toEqual({ delivered: 4, failed: 0, held: 4, shown: 4 })
    const answered = (state: string, reason: string | null) =>
      pool().query(
        `update deliveries set state = $1, reason = $2, updated_at = now() where event_id = (
           select event_id from deliveries where state = 'held' order by 1 limit 1)`,
        [state, reason],
      )
    await answered('delivered', null)
    await answered('dead', 'rejected')
    expect(await totals()).toEqual({ delivered: 3, failed: 1, held: 2, shown: 3 })
  })

  it('does not say "nothing waits" of what waits for its visitor, nor that it is to be sent', async () => {
    await tools.app.connect('ecomail')
    await settled()
    await make([{ ago: 0, vendor: 'ecomail', state: 'waiting', reason: 'no_email', count: 3 }])
    const { page, app } = await tools.open()
    await app.getByText('3 wait for their visitors to become known, for 24 h at most.').waitFor()
    expect(await app.getByText('Nothing waits.').count()).toBe(0)
    expect(await app.getByText('to be sent').count()).toBe(0)
    const list = await tools.open('/app/vendors')
    await list.app.getByText('3 wait for their visitors to become known', { exact: true }).waitFor()
    expect(await list.app.getByText('3 to be sent').count()).toBe(0)
    await list.page.context().close()
    await page.context().close()
  })

  it('says that deliveries are counted, and the list behind a number says how many it has', async () => {
    for (const vendor of ['alana', 'ecomail']) await tools.app.connect(vendor)
    await settled()
    await make([{ ago: 0, vendor: 'ecomail', state: 'skipped', reason: 'no_consent', count: 3 }])
    await pool().query(
      `insert into deliveries (shop_id, event_id, vendor, state, reason, done, due_at, created_at, updated_at)
       select shop_id, event_id, 'alana', state, reason, done, due_at, created_at, updated_at from deliveries`,
    )
    await rollUpDays(pool(), { justBegunSeconds: 0 })
    const { page, app } = await tools.open()
    await app
      .getByText(/an event that goes to three tools counts three times\. Delivered, failed and .* as of/)
      .waitFor()
    await app.getByRole('link', { name: 'Skipped: 6' }).click()
    await app.getByText('Events: 3. Deliveries found: 6;').waitFor()
    await page.context().close()
  })

  it('does not show zeros of the first event that arrived before it is counted', async () => {
    await tools.app.connect('alana')
    await make([{ ago: 0, vendor: 'alana', state: 'delivered', count: 1 }])
    await pool().query('delete from delivery_days')
    const { page, app } = await tools.open()
    await app.getByText('The first numbers are there within a minute.').nth(1).waitFor()
    expect(await app.getByText('Nothing was delivered').count()).toBe(0)
    await pool().query('update deliveries set updated_at = now()')
    await rollUpDays(pool(), { justBegunSeconds: 0 })
    // The page finds out by itself.
    await app.getByRole('link', { name: 'Alana, Delivered: 1' }).waitFor()
    expect(await app.getByText('The first numbers are there').count()).toBe(0)
    await page.context().close()
  })

  it('of another period, or of none that there is, has its days', async () => {
    for (const [asked, days] of [
      ['90', 90],
      ['30', 30],
      ['8', 7],
      ['x', 7],
    ] as const)
      expect((await (await ask({ query: `&days=${asked}` })).json()).days).toHaveLength(days)
  })
})

describe('what needs attention', () => {
  const kinds = async () => (await (await ask()).json()).attention.map(({ kind }: { kind: string }) => kind)

  it('is nothing where all is well', async () => {
    await tools.app.connect('alana')
    await settled()
    await pool().query('update shops set guide_dismissed_at = null')
    expect(await kinds()).toEqual([])
  })

  it('is not what failed on days of which the shop keeps no events any more', async () => {
    await tools.app.connect('ecomail')
    await settled()
    await make([
      { ago: 30, vendor: 'ecomail', state: 'dead', reason: 'rejected', count: 2 },
      { ago: 31, vendor: 'ecomail', state: 'dead', reason: 'rejected', count: 3 },
    ])
    const failed = async () => {
      const { attention, totals } = await (await ask({ query: '&days=90' })).json()
      const item = attention.find(({ kind }: { kind: string }) => kind === 'failed')
      return [item?.count, totals.failed]
    }
    expect(await failed()).toEqual([5, 5])
    await pool().query('update shops set retention_days = 31')
    expect(await failed()).toEqual([2, 5])
  })

  it('is each thing that somebody should do, the most urgent first', async () => {
    for (const vendor of ['alana', 'ecomail', 'topmail', 'voucherify']) await tools.app.connect(vendor)
    await settled()
    // Before anything is held for it: what is held while it is on, the sweep lets go.
    await pool().query(`update connections set enabled = false where vendor = 'voucherify'`)
    await make([
      { ago: 1, vendor: 'ecomail', state: 'dead', reason: 'rejected', count: 2 },
      { ago: 1, vendor: 'voucherify', state: 'held', reason: 'off', count: 4 },
    ])
    await pool().query(`update connections set attention = 'Paste the current key.' where vendor = 'alana'`)
    await pool().query(
      `insert into circuits (key, open_until, rest_ms, opened_at, reason)
       values ($1, now() + interval '1 hour', 3600000, now(), 'it did not answer')`,
      [`lane:${tools.app.shopId}:topmail`],
    )
    await pool().query(`update shops set storefront_heard_at = now() - interval '3 days'`)
    expect(await kinds()).toEqual(['stopped', 'failed', 'rests', 'off', 'untested', 'embedSilent', 'pixel'])
    const { page, app } = await tools.open()
    await app.getByText('Nothing goes to Alana: Paste the current key.').waitFor()
    await app.getByText('2 events could not be delivered to Ecomail.').waitFor()
    await app.getByText(/is paused until .* it did not answer/).waitFor()
    await app.getByText('Voucherify is switched off, and 4 events are held for it.').waitFor()
    await app.getByText('last heard 3 days ago').waitFor()
    expect(await violations(page)).toEqual([])
    await app.getByRole('link', { name: 'Show and send again' }).click()
    await app.getByRole('heading', { name: 'Activity' }).waitFor()
    const { searchParams } = new URL(frameOf(page).url())
    expect([searchParams.get('vendor'), searchParams.get('outcome')]).toEqual(['ecomail', 'failed'])
    await page.context().close()
  })

  it('is a tool on hold, with the reason and whom to ask, not "everything is running"', async () => {
    await tools.app.connect('alana')
    await settled()
    await pool().query(
      `update connections set hold_reason = 'Alana moves its servers.', hold_since = now(), hold_until = now() + interval '1 day'`,
    )
    await make([{ ago: 0, vendor: 'alana', state: 'held', reason: 'on_hold', count: 6 }])
    const { page, app } = await tools.open()
    const told = app.getByText(
      /Support has put Alana on hold\. Reason: Alana moves its servers\..*6 events are held for it\./,
    )
    await told.waitFor()
    await app.getByText(/Ask whoever runs Sluice/).waitFor()
    expect(await app.getByText('Nothing needs you').count()).toBe(0)
    // It is nobody's fault here.
    expect(await app.locator('.Polaris-Badge--toneCritical').count()).toBe(0)
    // What is held waits as well.
    expect(await app.getByText('Nothing waits.').count()).toBe(0)
    await app.getByRole('link', { name: '6 held' }).click()
    await app.getByRole('heading', { name: 'Activity' }).waitFor()
    expect(new URL(frameOf(page).url()).searchParams.get('outcome')).toBe('held')
    await page.context().close()
  })

  it('is a saved key that the tool refuses, which does not look like "On"', async () => {
    await tools.app.connect('alana', { apiKey: 'ak_wrong_0000' })
    await pool().query('update shops set storefront_heard_at = now()')
    expect(await kinds()).toEqual([])
    const { page, app } = await tools.open('/app', { locale: 'de' })
    await app.getByText('Sonst ist jetzt nichts zu tun').waitFor()
    expect(await app.getByText('Alles läuft').count()).toBe(0)
    expect((await ask({ intent: 'test' })).status).toBe(200)
    expect(await kinds()).toEqual(['refused'])
    await page.reload()
    await app
      .getByText(/Der letzte Test von Alana ist fehlgeschlagen: Alana kennt diesen API-Schlüssel nicht/)
      .waitFor()
    expect(await app.locator('.Polaris-Badge--toneSuccess', { hasText: /^Ein$/ }).count()).toBe(0)
    await app.getByText('Test fehlgeschlagen', { exact: true }).first().waitFor()
    expect(await violations(page)).toEqual([])
    await page.context().close()
  })

  it('does not begin to wait anew with a release: the oldest is as old as it is', async () => {
    await tools.app.connect('alana')
    await settled()
    await make([{ ago: 2, vendor: 'alana', state: 'pending', count: 1 }])
    await pool().query(`update connections set paused_until = now() + interval '1 hour'`)
    await pool().query(`update deliveries set updated_at = now(), created_at = now() - interval '50 hours'`)
    const { page, app } = await tools.open()
    await app.getByText('1 to be sent, received 2 days ago.').waitFor()
    await app.getByText(/Alana is paused until .*, and goes on by itself\./).waitFor()
    expect(await app.getByText('Nothing needs you').count()).toBe(0)
    await pool().query('update deliveries set created_at = now()')
    await page.reload()
    await app.getByText('1 to be sent, received just now.').waitFor()
    await page.context().close()
    await pool().query('delete from deliveries')
  })
})

describe('the page', () => {
  it.each([1280, 390])('fits a window of %i pixels, and axe finds nothing, in any language', async width => {
    for (const vendor of ['alana', 'ecomail', 'topmail', 'voucherify']) await tools.app.connect(vendor)
    await make([{ ago: 2, vendor: 'topmail', state: 'delivered', count: 1234 }])
    for (const locale of ['en', 'de', 'pl']) {
      const { page, app } = await tools.open('/app?days=90', { width, locale })
      await app.getByRole('slider').waitFor()
      expect([locale, await sideways(page)]).toEqual([locale, 0])
      expect(await violations(page)).toEqual([])
      await page.context().close()
    }
  })

  it('shows another shop nothing of this one, and lets it change nothing', async () => {
    await tools.app.connect('alana')
    await settled()
    await make([{ ago: 0, vendor: 'alana', state: 'delivered', count: 3 }])
    const other = await (await ask({ shop: OTHER })).json()
    expect(other).toMatchObject({
      ...{
        shop: OTHER,
        series: [],
        attention: [],
        totals: { delivered: 0, skipped: 0, failed: 0, rate: null },
      },
      guide: { done: { connect: false, embed: false, pixel: false, test: false, first: false } },
    })
    const before = await pool().query('select * from shops where domain = $1', [SHOP])
    for (const intent of ['dismiss', 'pixel', 'test'])
      expect((await ask({ shop: OTHER, intent })).status).toBe(200)
    expect((await pool().query('select * from shops where domain = $1', [SHOP])).rows).toEqual(before.rows)
    expect(tools.app.sentTo('alana')).toEqual([])
    expect((await ask({ intent: 'nonsense' })).status).toBe(400)
  })
})
