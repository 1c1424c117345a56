/** How a merchant gets in, and who does not. */
import { afterEach, describe, expect, it, vi } from 'vitest'
import { sessionToken } from '../../sandbox/admin/session-token.ts'
import { BROWSER } from '../../sandbox/store/shopify.ts'
import { SECRET, SHOP } from '../support/app.ts'
import { API_KEY, merchantTools } from '../support/merchant.ts'
import { frameOf, sideways, violations } from '../support/screen.ts'
import { leave } from '../support/tabs.ts'

const tools = merchantTools()
const other = 'new-shop.myshopify.com'

describe('a merchant who opens the app', () => {
  it('sees the tools of the shop, in the frame of the admin', async () => {
    await tools.app.connect('alana')
    const { page, app } = await tools.open()
    await app.getByRole('heading', { name: 'Home' }).waitFor()
    expect(await app.getByRole('listitem').filter({ hasText: 'Alana' }).textContent()).toContain(
      'Saved, not tested',
    )
    expect(await app.getByRole('listitem').filter({ hasText: 'Ecomail' }).textContent()).toContain(
      'Not connected',
    )
    await leave(page)
  })

  it('for the first time has installed it', async () => {
    const { page, app } = await tools.open('/app', { shop: other })
    await app.getByRole('heading', { name: 'Home' }).waitFor()
    const { rows } = await tools.app.test.database.pool.query(
      `select s.scopes, count(e.*)::int as sessions from shops s left join sessions e on e.shop = s.domain
       where s.domain = $1 group by s.scopes`,
      [other],
    )
    expect(rows).toEqual([
      { scopes: ['read_customers', 'write_pixels', 'read_customer_events'], sessions: 1 },
    ])
    await leave(page)
  })

  it('is back at Home by the app’s name in the navigation, without the frame being loaded anew', async () => {
    const { page, app } = await tools.open('/app/vendors')
    await app.getByRole('heading', { name: 'Tools', level: 1 }).waitFor()
    await app.locator('body').evaluate(body => body.setAttribute('data-same', 'yes'))
    await page.locator('nav').getByRole('link', { name: 'Sluice', exact: true }).click()
    await app.getByRole('heading', { name: 'Home', level: 1 }).waitFor()
    expect(new URL(frameOf(page).url()).pathname).toBe('/app')
    expect(await app.locator('body').getAttribute('data-same')).toBe('yes')
    await leave(page)
  })

  it.each([
    ['cs', 'Přehled', 'cs'],
    ['sk-SK', 'Prehľad', 'sk'],
    ['de', 'Übersicht', 'de'],
    ['pl', 'Przegląd', 'pl'],
    ['pt-PT', 'Início', 'pt-BR'],
    ['fr', 'Home', 'en'],
  ])('in %s reads %s, and is told alerts in that language', async (locale, title, language) => {
    const { page, app } = await tools.open('/app', { locale })
    await app.getByRole('heading', { name: title }).waitFor()
    const { rows } = await tools.app.test.database.pool.query(
      'select admin_language from shops where domain = $1',
      [SHOP],
    )
    expect(rows).toEqual([{ admin_language: language }])
    await leave(page)
  })
})

describe('where not even the frame can be shown', () => {
  const WORDS = {
    en: 'This page could not be shown',
    cs: 'Tuto stránku se nepodařilo zobrazit',
    sk: 'Túto stránku sa nepodarilo zobraziť',
    de: 'Diese Seite konnte nicht angezeigt werden',
    pl: 'Nie udało się wyświetlić tej strony',
    'pt-BR': 'Não foi possível mostrar esta página',
  }
  afterEach(() => {
    vi.restoreAllMocks()
  })
  const broken = () => {
    vi.spyOn(tools.app.server.services.merchant, 'enter').mockRejectedValue(new Error('broken'))
  }

  it.each([
    ['?locale=cs', 'de', 'cs'],
    ['?locale=sk-SK', '', 'sk'],
    ['', 'de-AT, en;q=0.5', 'de'],
    ['?locale=fr', 'pl', 'pl'],
    ['?locale=pt-PT', '', 'pt-BR'],
    ['', 'fr', 'en'],
  ] as const)('that is said at “%s” to whoever accepts “%s” in %s', async (query, accepted, language) => {
    broken()
    const headers = { 'user-agent': BROWSER, 'accept-language': accepted }
    for (const [method, path, status] of [
      ['GET', '/app', 500],
      // To which nothing is sent.
      ['POST', '/', 405],
    ] as const) {
      const answer = await fetch(`${tools.app.url}${path}${query}`, { method, headers })
      expect(answer.status).toBe(status)
      const page = await answer.text()
      expect(page).toContain(`<html lang="${language}">`)
      expect(page).toContain(`<h1>${WORDS[language]}</h1>`)
    }
  })

  it.each([1280, 390])('it can be read at %i pixels', async width => {
    broken()
    const { page, app } = await tools.open('/app', { width, locale: 'de' })
    await app.getByRole('alert').getByRole('heading', { name: WORDS.de }).waitFor()
    expect(await sideways(page)).toBe(0)
    expect(await violations(page)).toEqual([])
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/broken-${width}.png` })
    await leave(page)
  })
})

describe('who is no merchant', () => {
  const ask = (path: string, headers: Record<string, string> = {}) =>
    fetch(`${tools.app.url}${path}`, { redirect: 'manual', headers: { 'user-agent': BROWSER, ...headers } })
  const bearer = async (over: object = {}) => ({
    authorization: `Bearer ${await sessionToken({ shop: SHOP, apiKey: API_KEY, apiSecret: SECRET, ...over })}`,
  })
  const DATA = '/app?_data=routes%2Fapp._index'

  it.each([
    ['no token', async () => ({})],
    ['a token of another app', () => bearer({ apiKey: 'another' })],
    ['a token with another signature', () => bearer({ apiSecret: 'another' })],
    ['a token that is over', () => bearer({ seconds: -120 })],
  ])('by %s gets no data', async (_, headers) => {
    const answer = await ask(DATA, await headers())
    expect(answer.status).not.toBe(200)
    expect(await answer.text()).not.toContain('vendors')
  })

  it('cannot name a shop beside the one of the token', async () => {
    const answer = await ask(`${DATA}&shop=${other}`, await bearer())
    expect(await answer.json()).toMatchObject({ shop: SHOP })
  })

  it('cannot show the app in a frame', async () => {
    const host = Buffer.from('admin.shopify.com/store/test-shop').toString('base64url')
    const token = await sessionToken({ shop: SHOP, apiKey: API_KEY, apiSecret: SECRET })
    const { headers } = await ask(`/app?embedded=1&shop=${SHOP}&host=${host}&id_token=${token}`)
    expect(headers.get('content-security-policy')).toBe(`frame-ancestors ${tools.frame.url};`)
  })
})
