/** A merchant changes the settings of the shop, and they take effect. Its alerts: settings-alerts.test.ts. */
import { v7 as uuidv7 } from 'uuid'
import { afterEach, describe, expect, it } from 'vitest'
import { ensurePartitions } from '../../app/db/partitions.ts'
import { forgetOldOfShops } from '../../app/privacy/shop-retention.ts'
import { SHOP } from '../support/app.ts'
import { API_KEY } from '../support/merchant.ts'
import { sideways, violations } from '../support/screen.ts'
import { AS_IT_IS, emails, OTHER, saveByBar, settingsTools } from '../support/settings.ts'
import { leave } from '../support/tabs.ts'

const DAY_MS = 86_400_000
const { tools, pool, mail, ask, save, pageOf } = settingsTools()

describe('how long events are kept', () => {
  it('is chosen within the platform’s bounds, and what is older is erased, of this shop only', async () => {
    const now = new Date()
    await ensurePartitions(pool(), now, new Date(now.getTime() - 60 * DAY_MS))
    const keep = (shopId: number, days: number, state = 'delivered') => {
      const id = uuidv7({ msecs: now.getTime() - days * DAY_MS })
      const values = [shopId, id, state]
      return pool()
        .query(
          `with e as (insert into events (shop_id, id, type, source, dedupe_key, occurred_at, received_at, consent, data)
             values ($1, $2::uuid, 'page_viewed', 'storefront', $2::text, now(), now(), '{}', '{}')),
           k as (insert into event_keys values ($1, $2::text, $2::uuid))
           insert into deliveries (shop_id, event_id, vendor, state, due_at, created_at, updated_at)
           values ($1, $2::uuid, 'tiny', $3, now() + interval '1 day', now(), now())`,
          values,
        )
        .then(() => id)
    }
    const { page, app } = await tools.open('/app/settings')
    await app.getByLabel('Keep events for').fill('30')
    await page.locator('#save-bar').getByRole('button', { name: 'Save' }).click()
    await app.getByText('Enter a whole number from 31 to 90.').first().waitFor()
    await app.getByLabel('Keep events for').fill('40')
    await app.getByText('When you save, what is older than that is deleted for good.').waitFor()
    await saveByBar(page)
    expect(await app.getByLabel('Keep events for').inputValue()).toBe('40')
    await leave(page)
    await save({}, OTHER)
    const other = (await pool().query<{ id: number }>('select id from shops where domain = $1', [OTHER]))
      .rows[0]
    const kept = [
      await keep(tools.app.shopId, 39),
      await keep(tools.app.shopId, 41, 'retry'),
      await keep(other?.id ?? 0, 41),
    ]
    await keep(tools.app.shopId, 41)
    await keep(tools.app.shopId, 55, 'held')
    // The app's own round may come at any moment, and may have begun.
    await forgetOldOfShops(pool(), now, 90)
    for (const [table, column] of [
      ['events', 'id'],
      ['deliveries', 'event_id'],
      ['event_keys', 'event_id'],
    ]) {
      const { rows } = await pool().query<{ id: string }>(`select ${column} as id from ${table}`)
      expect(rows.map(({ id }) => id).sort()).toEqual([...kept].sort())
    }
  })

  // What is due tomorrow would be waited for by the tests that follow.
  afterEach(() => pool().query('truncate events, deliveries, event_keys'))
})

describe('the language', () => {
  it('is the chosen one at once and from then on, and Shopify’s again', async () => {
    const { page, app } = await tools.open('/app/settings')
    await app.getByLabel('Language of the app').selectOption('de')
    await page.locator('#save-bar').getByRole('button', { name: 'Save' }).click()
    await app.getByRole('heading', { name: 'Einstellungen' }).waitFor()
    await page.locator('nav').getByText('Einstellungen').waitFor()
    const again = await tools.open('/app', { locale: 'cs' })
    await again.page.locator('nav').getByText('Einstellungen').waitFor()
    await leave(again.page)
    await app.getByLabel('Sprache der App').selectOption('')
    await page.locator('#save-bar').getByRole('button', { name: 'Save' }).click()
    await app.getByRole('heading', { name: 'Settings', exact: true }).waitFor()
    await leave(page)
  })

  it.each(['cs', 'sk', 'de', 'pl', 'pt-BR'])('has words for everything: %s', async locale => {
    await pool().query(
      `update shops set pixel_trouble = 'scopes', pixel_refused_host = 'elsewhere.example.com', pixel_refused_at = now()`,
    )
    await tools.app.connect('topmail')
    const { page, app } = await tools.open('/app/settings', { locale })
    await app.getByRole('heading', { level: 1 }).waitFor()
    expect(await app.locator('.Polaris-Page').textContent()).not.toMatch(/settings\.\w+|\{\{/)
    await leave(page)
  })
})

describe('the web pixel', () => {
  it('is activated, and says so', async () => {
    const { page, app } = await tools.open('/app/settings')
    await app.getByText('It was not activated for this shop yet.').waitFor()
    await app.getByRole('button', { name: 'Activate' }).click()
    await app.getByText(/^Activated on/).waitFor()
    const { rows } = await pool().query('select pixel_id is not null as there, pixel_settings from shops')
    expect(rows).toMatchObject([{ there: true, pixel_settings: { shop: SHOP } }])
    await leave(page)
  })

  it('says of which page events were refused, and where the embed is switched on', async () => {
    await pool().query(
      `update shops set hosts = array['shop.example.com'], pixel_refused_host = 'elsewhere.example.com', pixel_refused_at = now()`,
    )
    const { page, app } = await tools.open('/app/settings')
    await app.getByText('a page at elsewhere.example.com were refused').waitFor()
    const link = app.getByRole('link', { name: 'Open the theme editor' })
    expect(await link.getAttribute('href')).toBe(
      `https://${SHOP}/admin/themes/current/editor?context=apps&template=index&activateAppId=${API_KEY}%2Fsluice`,
    )
    await leave(page)
  })
})

describe('the theme’s embed', () => {
  it.each([
    ['null', 'Not heard from yet', true],
    [`now() - interval '2 days'`, 'Not heard from lately', true],
    ['now()', 'Heard from', false],
  ])('heard at %s is “%s”, as on the first page', async (at, badge, mustBeSwitchedOn) => {
    await pool().query(`update shops set storefront_heard_at = ${at}`)
    const { page, app } = await tools.open('/app/settings')
    await app.getByText(badge, { exact: true }).first().waitFor()
    expect(await app.getByText('Switch it on in the theme editor').count()).toBe(mustBeSwitchedOn ? 1 : 0)
    await leave(page)
  })
})

describe('what is not saved', () => {
  it('is asked about before the page is left, and discarded when that is wished', async () => {
    const { page, app } = await tools.open('/app/settings')
    await app.getByLabel('Keep events for').fill('50')
    await page.locator('nav').getByText('Activity').click()
    await page.getByRole('dialog').getByRole('button', { name: 'Stay' }).click()
    expect(await app.getByLabel('Keep events for').inputValue()).toBe('50')
    await page.locator('#save-bar').getByRole('button', { name: 'Discard' }).click()
    await expect.poll(() => app.getByLabel('Keep events for').inputValue()).toBe('90')
    await app.getByLabel('Keep events for').fill('51')
    await page.locator('nav').getByText('Activity').click()
    await page.getByRole('dialog').getByRole('button', { name: 'Leave page' }).click()
    await app.getByRole('heading', { name: 'Activity' }).waitFor()
    await page.locator('#save-bar').waitFor({ state: 'hidden' })
    expect((await pageOf()).retention.days).toBe(90)
    await leave(page)
  })

  it('is still there when saving fails', async () => {
    const { page, app } = await tools.open('/app/settings')
    await emails(app).fill('jane@example.com')
    await page.route('**/app/settings**', route =>
      route.request().method() === 'POST' ? route.abort() : route.continue(),
    )
    await page.locator('#save-bar').getByRole('button', { name: 'Save' }).click()
    await app.getByText('Sluice could not be reached').waitFor()
    expect(await emails(app).inputValue()).toBe('jane@example.com')
    await page.unroute('**/app/settings**')
    await saveByBar(page)
    expect((await pageOf()).alerts.emails).toEqual(['jane@example.com'])
    await leave(page)
  })
})

describe('a form', () => {
  it.each<[Partial<typeof AS_IT_IS>, string, string]>([
    [{ retentionDays: '' }, 'retentionDays', 'days'],
    [{ retentionDays: '91' }, 'retentionDays', 'days'],
    [{ retentionDays: '4e1' }, 'retentionDays', 'days'],
    [{ emails: 'jane' }, 'emails', 'email_wrong'],
    [{ emails: 'a@example.com\r\nBcc:<b@example.com>' }, 'emails', 'email_wrong'],
    [{ emails: [1, 2, 3, 4, 5, 6].map(n => `a${n}@example.com`).join() }, 'emails', 'email_count'],
    [{ webhook: 'http://hooks.example.com/' }, 'webhook', 'webhook_wrong'],
    [{ webhook: 'https://me:pass@hooks.example.com/' }, 'webhook', 'webhook_wrong'],
    [{ webhook: 'https://localhost/' }, 'webhook', 'webhook_private'],
    [{ webhook: 'https://[::ffff:169.254.169.254]/' }, 'webhook', 'webhook_private'],
    [{ webhookSecret: '0123456789abcdef' }, 'webhook', 'secret_alone'],
    [{ webhook: 'https://hooks.example.com/', webhookSecret: 'short' }, 'webhookSecret', 'secret_short'],
    [
      { emails: 'a@example.com', 'kind.attention': '', 'kind.waiting': '', 'kind.giving_up': '' },
      'kinds',
      'kinds_none',
    ],
  ])('with something wrong saves nothing: %j', async (changed, field, problem) => {
    expect(await save(changed)).toMatchObject({ kind: 'invalid', problems: { [field]: { problem } } })
    const { rows } = await pool().query('select retention_days, alert_to from shops where domain = $1', [
      SHOP,
    ])
    expect(rows).toEqual([{ retention_days: null, alert_to: null }])
  })

  it.each<Record<string, string>>([
    {},
    { intent: 'nonsense' },
    { intent: 'save' },
    { ...AS_IT_IS, language: 'xx' },
  ])('that is none of ours does nothing: %j', async form => {
    expect((await ask(form)).status).toBe(400)
  })
})

describe('another shop', () => {
  it('neither sees nor changes anything of this one', async () => {
    await save({
      emails: 'jane@example.com',
      webhook: 'https://hooks.example.com/x',
      retentionDays: '40',
      language: 'de',
    })
    await tools.app.connect('alana')
    const page = await pageOf(OTHER)
    expect(page).toMatchObject({
      language: null,
      retention: { days: 90 },
      alerts: { emails: [], webhook: null },
      purposes: [],
    })
    await save({ emails: 'joe@example.com' }, OTHER)
    expect(await pageOf()).toMatchObject({
      language: 'de',
      retention: { days: 40 },
      alerts: { emails: ['jane@example.com'] },
      purposes: [{ id: 'alana' }],
    })
    await ask({ intent: 'test' }, OTHER)
    expect(mail().mails.map(({ to }) => to)).toEqual([['joe@example.com']])
  })
})

describe('the page', () => {
  it.each([1280, 390])('is read at %i pixels, without violations and sideways scrolling', async width => {
    await tools.app.connect('topmail')
    await tools.app.connect('voucherify')
    await save({ emails: 'jane@example.com', webhook: 'https://hooks.example.com/x' })
    const { page, app } = await tools.open('/app/settings', { width })
    await app.getByRole('heading', { name: 'Data export' }).waitFor()
    expect(await violations(page)).toEqual([])
    expect(await sideways(page)).toBe(0)
    await leave(page)
  })
})
