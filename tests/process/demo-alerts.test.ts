/** Alerts of the demo: whoever tries it receives them, in a mailbox of its own. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { removeEmbedded } from '../../app/db/embedded/index.ts'
import { saveConnection, vendorById } from '../../app/delivery/connections.ts'
import { evaluateAlerts } from '../../app/insights/alerts/evaluate.ts'
import { ALERT_KINDS } from '../../app/insights/alerts/thresholds.ts'
import { saveShopSettings } from '../../app/insights/shop-settings.ts'
import { createLog } from '../../app/log.ts'
import { shopByDomain } from '../../app/shopify/shops.ts'
import { DEMO_SHOP, type Demo, startDemo } from '../../sandbox/demo/environment.ts'
import { untilIdle } from '../../sandbox/demo/idle.ts'
import { dayInTheStore } from '../../sandbox/demo/story.ts'
import { DEMO_CREDENTIALS } from '../../sandbox/vendors/credentials.ts'

const folder = mkdtempSync(join(tmpdir(), 'sluice-demo-'))
let demo: Demo
beforeAll(async () => {
  demo = await startDemo({ folder, port: 0, log: createLog('silent'), storefront: false })
}, 90_000)
afterAll(async () => {
  await demo?.close()
  await removeEmbedded(folder)
  rmSync(folder, { recursive: true, force: true })
})

it('a tool that refuses its key is told of in the mailbox, to the shop and to the operator', async () => {
  const { services } = demo.server
  const { pool, sealer, database } = services
  const id = (await shopByDomain(database.prisma, DEMO_SHOP))?.id ?? 0
  const alerts = { emails: ['owner@example.com'], webhook: null, kinds: [...ALERT_KINDS] }
  await saveShopSettings(pool, sealer, id, { retentionDays: null, language: null, alerts })
  const wrong = { ...DEMO_CREDENTIALS.ecomail, apiKey: 'wrong-key-0000' }
  await saveConnection(pool, sealer, id, vendorById('ecomail'), wrong)
  for (const step of dayInTheStore()) await step.run(demo.store)
  await untilIdle(services)
  // What the chores do each minute, now.
  await evaluateAlerts(pool, { ageMinutes: 60, channels: ['email'] }, new Date())
  const listed = async () => {
    await pool.query(
      `update pgboss.job set start_after = now() where name like '%alert-notices' and state = 'created'`,
    )
    const text = await (await fetch(demo.frame.mailbox)).text()
    return [...text.matchAll(/Ecomail: needs attention<\/a><p>to ([^,]+),/g)].map(([, to]) => to).sort()
  }
  await expect.poll(listed, { timeout: 20_000 }).toEqual(['operator@example.com', 'owner@example.com'])
  const first = await (await fetch(`${demo.frame.mailbox}/1`)).text()
  expect(first).toContain(DEMO_SHOP)
  expect(first).not.toContain('wrong-key')
}, 60_000)

it('a merchant is told whom to ask', () => {
  expect(demo.server.services.merchant.support).toMatchObject({ email: 'support@example.com' })
})
