/** A merchant whose saved credentials cannot be opened any more: the key is lost, or what is saved is none of ours. */
import { beforeEach, expect, it } from 'vitest'
import { secretsContext } from '../../app/delivery/connections.ts'
import { createSealer } from '../../app/secrets/seal.ts'
import { sessionToken } from '../../sandbox/admin/session-token.ts'
import { BROWSER } from '../../sandbox/store/shopify.ts'
import { SECRET, SETTINGS, SHOP } from '../support/app.ts'
import { API_KEY, merchantTools } from '../support/merchant.ts'
import { orders } from '../support/orders.ts'
import { sideways, violations } from '../support/screen.ts'
import { leave } from '../support/tabs.ts'

const tools = merchantTools()
const made = orders(() => tools.app)
const AT = '/app/vendors/alana'
const DETAIL = 'routes/app.vendors.$vendor'
const SAID = 'The stored credentials cannot be opened. Enter them again.'

const sealedElsewhere = () =>
  createSealer([{ id: 'lost', bytes: Buffer.alloc(32, 1) }]).seal(
    JSON.stringify(SETTINGS.alana),
    secretsContext(tools.app.shopId, 'alana'),
  )
const ofAnotherShop = () =>
  tools.app.server.services.sealer.seal(JSON.stringify(SETTINGS.alana), secretsContext(0, 'alana'))
const store = (secrets: string) =>
  tools.app.test.database.pool.query("update connections set secrets = $1 where vendor = 'alana'", [secrets])

async function ask(path: string, route: string, form?: Record<string, string>): Promise<Response> {
  const token = await sessionToken({ shop: SHOP, apiKey: API_KEY, apiSecret: SECRET })
  const address = `${tools.app.url}${path}${path.includes('?') ? '&' : '?'}_data=${encodeURIComponent(route)}`
  return fetch(address, {
    redirect: 'manual',
    headers: { 'user-agent': BROWSER, authorization: `Bearer ${token}` },
    ...(form && { method: 'POST', body: new URLSearchParams(form) }),
  })
}

beforeEach(async () => {
  await tools.app.idle()
  await tools.app.reset()
  await tools.app.test.database.pool.query('delete from connections')
  await tools.app.connect('alana', { ...SETTINGS.alana, purposes: { order_created: 'marketing' } })
  await tools.app.connect('ecomail')
})

it.each([
  ['with a key that is not there any more', sealedElsewhere],
  ['for another shop', ofAnotherShop],
])('credentials sealed %s took the tool’s page, Settings and previews with them', async (_, secrets) => {
  await store(secrets())
  const status = { kind: 'attention', why: SAID, refused: true }
  const { cards } = await (await ask('/app/vendors', 'routes/app.vendors._index')).json()
  expect(cards.find(({ id }: { id: string }) => id === 'alana').status).toEqual(status)
  expect((await (await ask('/app?index', 'routes/app._index')).json()).attention).toContainEqual(
    expect.objectContaining({ kind: 'stopped', id: 'alana', why: SAID }),
  )
  const { page } = await (await ask('/app/settings?index', 'routes/app.settings._index')).json()
  // What is chosen is no secret, and stays.
  const purposes = page.purposes.find(({ id }: { id: string }) => id === 'alana')
  expect(purposes.rows).toContainEqual(
    expect.objectContaining({ type: 'order_created', purposes: ['marketing'] }),
  )
  expect(page.purposes.map(({ id }: { id: string }) => id)).toContain('ecomail')
  for (const [path, route] of [
    [`${AT}/preview`, 'routes/app.vendors.$vendor_.preview'],
    [`${AT}/syncs`, 'routes/app.vendors.$vendor_.syncs'],
  ] as const)
    expect((await ask(path, route)).status).toBe(200)
  expect(await (await ask(AT, DETAIL, { intent: 'testSaved' })).json()).toMatchObject({
    ...{ kind: 'tested', ok: false, refused: true, message: SAID },
  })
  expect(await (await ask(AT, DETAIL, { intent: 'save' })).json()).toMatchObject({
    ...{ kind: 'invalid', problems: { apiKey: 'API key is needed' } },
  })
})

it.each([1280, 390])('are entered again, and what waits goes out: %i pixels', async width => {
  await store(sealedElsewhere())
  await made.send('orders/create')
  const { page, app } = await tools.open(AT, { width })
  await app.getByText(SAID).first().waitFor()
  expect(await violations(page)).toEqual([])
  expect(await sideways(page)).toBe(0)
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/unopened-${width}.png` })
  await app.getByLabel('API key').fill(SETTINGS.alana.apiKey)
  await app.getByRole('button', { name: 'Test and save' }).click()
  await app.getByText('Events go to Alana as they happen.').waitFor()
  await tools.app.idle()
  expect(await tools.app.states()).toContainEqual(['order_created', 'delivered', null])
  await leave(page)
})

it.each([
  ['cs', 'Uložené přihlašovací údaje nelze otevřít. Zadejte je znovu.'],
  ['sk', 'Uložené prihlasovacie údaje nie je možné otvoriť. Zadajte ich znova.'],
  ['de', 'Die gespeicherten Zugangsdaten lassen sich nicht öffnen. Geben Sie sie noch einmal ein.'],
  ['pl', 'Nie można otworzyć zapisanych danych dostępowych. Wprowadź je ponownie.'],
  ['pt-BR', 'Não é possível abrir as credenciais guardadas. Digite-as de novo.'],
])('are told of in %s', async (locale, said) => {
  await store(ofAnotherShop())
  const { page, app } = await tools.open(AT, { locale })
  await app.getByText(said).first().waitFor()
  await leave(page)
})
