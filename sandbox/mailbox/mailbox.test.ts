import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { emailChannel } from '../../app/insights/alerts/channels.ts'
import { type AdminFrame, startAdminFrame } from '../admin/frame.ts'
import { readMail } from './read.ts'
import { type MailServer, startMailServer } from './smtp.ts'

const NOON = new Date('2026-11-20T12:00:00.000Z')
const ALERT = {
  vendor: 'ecomail',
  kind: 'attention',
  level: 100,
  since: NOON,
  openedAt: NOON,
  resolvedAt: null,
  waiting: null,
  goesOut: false,
}
const LONG = `Klíč je špatný: <b>${'ž'.repeat(200)}</b> = konec.`

let mail: MailServer
let frame: AdminFrame
beforeAll(async () => {
  mail = await startMailServer()
  frame = await startAdminFrame({
    ...{ apiKey: 'key', apiSecret: 'secret', appUrl: () => 'http://127.0.0.1:1' },
    mails: mail.mails,
  })
})
afterAll(async () => {
  await frame?.close()
  await mail?.close()
})

const send = (shop: string, message: string) =>
  emailChannel({ to: ['owner@example.com'], from: 'sluice@example.com', smtpUrl: mail.url }).send({
    ...{ id: 'x', at: NOON, more: 0 },
    alerts: [{ ...ALERT, shop, message }],
  })

const shown = async (path = '') => {
  const answer = await fetch(frame.mailbox + path)
  return { status: answer.status, text: await answer.text() }
}

it('says that nothing has come', async () => {
  expect((await shown()).text).toContain('No mail has come yet')
  expect((await shown('/1')).status).toBe(404)
})

describe('a mail of the app', () => {
  beforeAll(() => send(`${'žluťoučký-kůň-'.repeat(12)}.example.com`, LONG))

  it('is read as it was written, however its words travelled', () => {
    const [sent] = mail.mails
    expect(sent && readMail(sent)).toMatchObject({
      from: 'sluice@example.com',
      to: ['owner@example.com'],
      subject: `Sluice: ${'žluťoučký-kůň-'.repeat(12)}.example.com, Ecomail: needs attention`,
      text: expect.stringContaining(LONG),
    })
  })

  it('is in the list, and shown as text on a page of its own', async () => {
    expect((await shown()).text).toContain(`<a href="/mailbox/1">Sluice: žluťoučký`)
    const { text } = await shown('/1')
    expect(text).toContain('to owner@example.com')
    expect(text).toContain('Klíč je špatný: &#60;b&#62;')
    expect(text).not.toContain('<b>')
  })

  it('that is newer stands first', async () => {
    await send('two.example.com', 'Look.')
    expect([...(await shown()).text.matchAll(/href="\/mailbox\/(\d)"/g)].map(([, number]) => number)).toEqual(
      ['2', '1'],
    )
  })
})
