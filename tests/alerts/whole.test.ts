/** Alerts as the running app makes them, and as an operator reads them. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { evaluateAlerts } from '../../app/insights/alerts/evaluate.ts'
import { type MailServer, startMailServer } from '../../sandbox/mailbox/smtp.ts'
import { SIGNED_IN } from '../../sandbox/store/payloads.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { orders } from '../support/orders.ts'

let app: TestApp
let mail: MailServer
beforeAll(async () => {
  mail = await startMailServer()
  app = await startApp({
    config: {
      alerts: {
        ageMinutes: 60,
        email: { to: ['ops@example.com'], from: 'sluice@example.com', smtpUrl: mail.url },
        webhook: null,
      },
    },
  })
})
afterAll(async () => {
  await app.close()
  await mail.close()
})

it('a vendor that refuses its key is told by e-mail, without the key and the shopper', async () => {
  await app.connect('ecomail', { apiKey: 'wrong-key-0000', clearBasket: false })
  await orders(() => app).send('orders/create')
  await app.idle()
  const { pool } = app.server.services
  // What the chores do each minute, now.
  await evaluateAlerts(pool, { ageMinutes: 60, channels: ['email'] }, new Date())
  const told = async () => {
    await pool.query(
      `update pgboss.job set start_after = now() where name = 'alert-notices' and state = 'created'`,
    )
    return mail.mails.length
  }
  await expect.poll(told, { timeout: 20_000 }).toBe(1)
  const [{ data } = { data: '' }] = mail.mails
  expect(data).toContain('Ecomail: needs attention')
  expect(data).not.toContain('wrong-key')
  expect(data).not.toContain(SIGNED_IN.email)
})
