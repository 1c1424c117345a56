/** What a merchant reads in an alert's e-mail, at the mail server. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { SLUICE } from '../../app/command-line.ts'
import { type TestDatabase, testDatabase } from '../../app/db/testing.ts'
import { newShop, sealer } from '../../app/delivery/testing.ts'
import { shopChannels, tryChannels } from '../../app/insights/alerts/shop-channels.ts'
import { saveShopSettings } from '../../app/insights/shop-settings.ts'
import { keepAdminLanguage } from '../../app/shopify/shops.ts'
import { readMail } from '../../sandbox/mailbox/read.ts'
import { type MailServer, startMailServer } from '../../sandbox/mailbox/smtp.ts'

const NOON = new Date('2026-11-20T12:00:00.000Z')
let test: TestDatabase
let mail: MailServer
let shopId: number
beforeAll(async () => {
  test = await testDatabase()
})
afterAll(() => test.drop())
beforeEach(async () => {
  await test.database.pool.query('truncate shops cascade')
  shopId = await newShop(test.database.pool, 'one')
  mail = await startMailServer()
  return () => mail.close()
})

/** The mail about what is wrong since noon and what is over since one, of more than there is room for. */
async function told(language: string | null, zone: string | null): Promise<string> {
  const { pool } = test.database
  const alerts = { emails: ['owner@example.com'], webhook: null, kinds: [] }
  await saveShopSettings(pool, sealer, shopId, { retentionDays: null, language, alerts })
  await pool.query('update shops set time_zone = $2 where id = $1', [shopId, zone])
  const mailing = { from: 'sluice@example.com', smtpUrl: mail.url }
  const { shop_email: channel } = await shopChannels(pool, sealer, mailing, shopId, 'key1')
  const alert = { shop: 'one.myshopify.com', kind: 'waiting', level: 100, since: NOON, openedAt: NOON }
  const over = new Date(NOON.getTime() + 3600_000)
  await channel?.send({
    ...{ id: 'x', at: over, more: 3 },
    alerts: [
      { ...alert, vendor: 'ecomail', message: 'Look.', resolvedAt: null, waiting: 10_001, goesOut: false },
      { ...alert, vendor: 'topmail', message: 'Look.', resolvedAt: over, waiting: 3, goesOut: true },
    ],
  })
  const [sent] = mail.mails
  return sent ? readMail(sent).text.replace(/[^\S\n]+/g, ' ') : ''
}

it.each([
  [
    'de',
    'America/Los_Angeles',
    'seit 20.11.2026, 04:00:00 (America/Los Angeles)',
    'von 20.11.2026, 04:00:00 (America/Los Angeles) bis 20.11.2026, 05:00:00 (America/Los Angeles)',
  ],
  [
    'cs',
    'Europe/Prague',
    'od 20. 11. 2026 13:00:00 (Europe/Prague)',
    'od 20. 11. 2026 13:00:00 (Europe/Prague) do 20. 11. 2026 14:00:00 (Europe/Prague)',
  ],
  ['de', null, 'seit 20.11.2026, 12:00:00 UTC', 'von 20.11.2026, 12:00:00 UTC bis 20.11.2026, 13:00:00 UTC'],
  [
    null,
    'Europe/Prague',
    'since Nov 20, 2026, 13:00:00 (Europe/Prague)',
    'from Nov 20, 2026, 13:00:00 (Europe/Prague) to Nov 20, 2026, 14:00:00 (Europe/Prague)',
  ],
])(
  'a shop’s own alert, in %s and %s, tells times in its language and by its clock',
  async (language, zone, since, over) => {
    const text = await told(language, zone)
    expect(text).toContain(since)
    expect(text).toContain(over)
    expect(text).not.toMatch(/\dT\d/)
  },
)

it.each([
  ['de', 'Und 3 weitere.'],
  ['pt-BR', 'E mais 3.'],
  [null, 'And 3 more. Sluice in Shopify’s admin'],
])('a shop whose alerts do not fit is not sent to the command line, in %s', async (language, rest) => {
  const text = await told(language, null)
  expect(text).toContain(rest)
  expect(text).not.toContain(SLUICE)
})

it('a shop’s own alert leads to the tool in Shopify’s admin', async () => {
  expect(await told(null, null)).toContain('https://one.myshopify.com/admin/apps/key1/app/vendors/ecomail')
})

it.each([
  ['de', 'Ereignisse, die darauf warten: 10.000+.'],
  ['cs', 'Kolik událostí na něj čeká: 10 000+.'],
  [null, 'Events that wait for it: 10,000+.'],
])(
  'a shop’s own alert says how many events wait for the tool, not for one that is well again, in %s',
  async (language, said) => {
    const text = await told(language, null)
    expect(text.split(said)).toHaveLength(2)
  },
)

it('the subject of a test names the shop, and Sluice once', async () => {
  await told(null, null)
  mail.mails.length = 0
  const { pool } = test.database
  const mailing = { from: 'sluice@example.com', smtpUrl: mail.url }
  const channels = await shopChannels(pool, sealer, mailing, shopId, 'key1')
  await tryChannels(channels, 'one.myshopify.com', NOON)
  const [sent] = mail.mails
  expect(sent?.data.replace(/\r\n /g, ' ')).toContain('Subject: Sluice: one.myshopify.com: this is a test')
})

it('a shop that chose no language is told in that of its admin, and in the chosen one once there is one', async () => {
  await keepAdminLanguage(test.database.pool, shopId, 'cs')
  expect(await told(null, null)).toContain('vyřešeno')
  mail.mails.length = 0
  expect(await told('de', null)).toContain('behoben (')
})
