/** A merchant chooses who hears of the shop's alerts, and by what. */
import { describe, expect, it } from 'vitest'
import { evaluateAlerts } from '../../app/insights/alerts/evaluate.ts'
import { emails, OPERATOR, OTHER, saveByBar, settingsTools } from '../support/settings.ts'
import { leave } from '../support/tabs.ts'

const { tools, pool, mail, ask, save, pageOf } = settingsTools()

describe('alerts', () => {
  it('go to the address that was saved, of this shop only, and a test says that it was taken', async () => {
    const { page, app } = await tools.open('/app/settings')
    await emails(app).fill('jane@example.com, jane@example.com\njoe@example.com')
    await app.getByText('Save first, then send a test.').waitFor()
    await saveByBar(page)
    await app.getByRole('button', { name: 'Send a test' }).click()
    await app.getByText('The test was sent').waitFor()
    expect(mail().mails).toMatchObject([{ to: ['jane@example.com', 'joe@example.com'] }])
    expect(mail().mails[0]?.data).toContain('this is a test')
    await tools.open('/app/settings').then(async again => {
      expect(await emails(again.app).inputValue()).toBe('jane@example.com\njoe@example.com')
      await leave(again.page)
    })
    mail().mails.length = 0
    await save({ emails: 'other@example.com' }, OTHER)
    await tools.app.connect('alana')
    await pool().query(`update connections set attention = 'The key is wrong.'`)
    await evaluateAlerts(pool(), { ageMinutes: 60, channels: ['email'] }, new Date())
    const told = async () => {
      await pool().query(
        `update pgboss.job set start_after = now() where name like '%alert-notices' and state = 'created'`,
      )
      return mail()
        .mails.map(({ to }) => to.join())
        .sort()
    }
    await expect.poll(told, { timeout: 20_000 }).toEqual(['jane@example.com,joe@example.com', OPERATOR])
    await leave(page)
  })

  it('of kinds that nobody wants to hear of are not told', async () => {
    await save({ emails: 'jane@example.com', 'kind.attention': '' })
    await tools.app.connect('alana')
    await pool().query(`update connections set attention = 'The key is wrong.'`)
    await evaluateAlerts(pool(), { ageMinutes: 60, channels: [] }, new Date())
    expect((await pool().query('select channel from alert_notices')).rows).toEqual([])
    await save({ emails: 'jane@example.com' })
    await evaluateAlerts(pool(), { ageMinutes: 60, channels: [] }, new Date())
    expect((await pool().query('select channel from alert_notices')).rows).toEqual([
      { channel: 'shop_email' },
    ])
    await save({})
    expect((await pool().query('select channel from alert_notices')).rows).toEqual([])
  })

  it('that no mail server takes are told as not sent', async () => {
    await save({ emails: 'jane@example.com' })
    mail().behave('refuse')
    const { page, app } = await tools.open('/app/settings')
    await app.getByRole('button', { name: 'Send a test' }).click()
    await app.getByText('The test did not arrive everywhere').waitFor()
    await app.getByText('E-mail: not sent. The mail server').waitFor()
    mail().behave('well')
    await leave(page)
  })

  it('never reach a private network, by its number or by a name', async () => {
    const { page, app } = await tools.open('/app/settings')
    await app.getByLabel('Webhook', { exact: true }).fill('https://127.1/hook')
    await page.locator('#save-bar').getByRole('button', { name: 'Save' }).click()
    await app.getByText('The address must be on the public internet.').first().waitFor()
    expect(await app.getByLabel('Webhook', { exact: true }).inputValue()).toBe('https://127.1/hook')
    await leave(page)
    // A name of this machine that does not look like one.
    const { hostname } = new URL(`https://${(await import('node:os')).hostname()}/`)
    expect(await save({ webhook: `https://${hostname}:9/hook` })).toMatchObject({ kind: 'saved' })
    const { tried } = await (await ask({ intent: 'test' })).json()
    expect(tried).toMatchObject([
      { channel: 'shop_webhook', result: expect.stringMatching(/private|unknown_host/) },
    ])
  })

  it('keep a webhook that is left empty, masked, and lose it when that is asked', async () => {
    await save({ webhook: 'https://hooks.example.com/very/secret-path', webhookSecret: '0123456789abcdef' })
    const { alerts } = await pageOf()
    expect(alerts).toMatchObject({ webhook: 'https://hooks.example.com/…path', signed: true })
    const { rows } = await pool().query('select alert_to from shops')
    expect(JSON.stringify(rows)).not.toContain('hooks.example.com')
    await save({ retentionDays: '89' })
    expect((await pageOf()).alerts.signed).toBe(true)
    await save({ webhook: 'https://elsewhere.example.com/' })
    expect((await pageOf()).alerts).toMatchObject({ signed: false })
    await save({ webhookOff: 'on' })
    expect((await pageOf()).alerts).toMatchObject({ webhook: null })
  })
})
