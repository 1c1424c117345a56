/** Telling alerts, to a mail server and an HTTP listener that are really there. */
import { createHmac } from 'node:crypto'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type TestDatabase, testDatabase } from '../../app/db/testing.ts'
import { COUNTED_UP_TO } from '../../app/delivery/lane.ts'
import { keepDelivery, keepMany, newShop } from '../../app/delivery/testing.ts'
import { emailChannel, webhookChannel } from '../../app/insights/alerts/channels.ts'
import { tellAlerts } from '../../app/insights/alerts/notices.ts'
import { asMade, shopWording } from '../../app/insights/alerts/say.ts'
import { createLog } from '../../app/log.ts'
import { readMail } from '../../sandbox/mailbox/read.ts'
import { type MailServer, startMailServer } from '../../sandbox/mailbox/smtp.ts'
import { logLines } from '../support/logs.ts'

const SECRET = '0123456789abcdef'
const T0 = Date.parse('2026-11-20T12:00:00.000Z')
const at = (minutes: number) => new Date(T0 + minutes * 60_000)
type Call = { headers: IncomingHttpHeaders; body: string }
let test: TestDatabase
let mail: MailServer
let hook: Server
let calls: Call[]
let status: number
let shopId: number
let lines: string[]
const pool = () => test.database.pool

beforeAll(async () => {
  test = await testDatabase()
  hook = createServer(async (request, response) => {
    calls.push({ headers: request.headers, body: await text(request) })
    response.writeHead(status).end()
  })
  await new Promise<void>(done => {
    hook.listen(0, '127.0.0.1', done)
  })
})
afterAll(async () => {
  hook.closeAllConnections()
  await new Promise(done => {
    hook.close(done)
  })
  await test.drop()
})
beforeEach(async () => {
  await pool().query('truncate shops cascade')
  shopId = await newShop(pool(), 'one')
  mail = await startMailServer()
  calls = []
  lines = []
  status = 200
  return () => mail.close()
})

const email = () =>
  emailChannel({ to: ['ops@example.com', 'more@example.com'], from: 'sluice@example.com', smtpUrl: mail.url })
const webhook = (secret: string | null = SECRET, wording = asMade) =>
  webhookChannel({
    url: `http://127.0.0.1:${(hook.address() as AddressInfo).port}/alerts?key=x`,
    secret,
    wording,
  })
const tell = (
  minutes: number,
  channels: Parameters<typeof tellAlerts>[1] = { email: email(), webhook: webhook() },
) => {
  const output = logLines()
  lines = output.lines
  return tellAlerts(pool(), channels, createLog('trace', output), at(minutes))
}

type Alert = { kind?: string; level?: number; message?: string; vendor?: string; over?: boolean }
/** An alert since noon that reached its level, and is over when said so; due to be told from noon on, on both channels. */
async function alert({
  kind = 'waiting',
  level = 100,
  message = 'Look.',
  vendor = 'ecomail',
  over = false,
}: Alert = {}) {
  const key = [shopId, vendor, kind, at(0)]
  await pool().query(
    `insert into alerts (shop_id, vendor, kind, opened_at, level, since, message, resolved_at)
     values ($1, $2, $3, $4, $5, $4, $6, $7) on conflict (shop_id, vendor, kind, opened_at)
     do update set level = excluded.level, resolved_at = excluded.resolved_at`,
    [...key, level, message, over ? at(30) : null],
  )
  await pool().query(
    `insert into alert_notices (shop_id, vendor, kind, opened_at, channel, level, due_at)
     select $1, $2, $3, $4, channel, $5, $4 from unnest(array['email', 'webhook']) as channel`,
    [...key, over ? 0 : level],
  )
}
const states = async (channel: string) =>
  (
    await pool().query(
      `select tries, sent_at is not null as sent, failed_at is not null as failed from alert_notices
       where channel = $1 order by level`,
      [channel],
    )
  ).rows

describe('what is due', () => {
  it('is told once on each channel, all in one message, the worst first', async () => {
    await alert({ kind: 'giving_up', level: 50, message: 'Half.' })
    await alert({ message: 'Wait.' })
    await tell(1)
    await tell(2)
    expect(mail.mails).toHaveLength(1)
    const [sent] = mail.mails
    expect(sent).toMatchObject({ from: 'sluice@example.com', to: ['ops@example.com', 'more@example.com'] })
    expect(sent?.data).toMatch(/^Subject: Sluice: one\.myshopify\.com, Ecomail: events wait too long, and/m)
    expect(sent?.data).toMatch(
      /Ecomail: events wait too long\r\n {2}since 2026-11-20T12:00:00\.000Z\r\n {2}Wait\./,
    )
    expect(sent?.data).toContain('failing, 50 % of the time to giving up')
    expect(calls).toHaveLength(1)
    expect(JSON.parse(calls[0]?.body ?? '')).toMatchObject({
      more: 0,
      alerts: [
        {
          state: 'open',
          shop: 'one.myshopify.com',
          vendor: 'ecomail',
          kind: 'waiting',
          level: 100,
          message: 'Wait.',
        },
        { state: 'open', kind: 'giving_up', level: 50, since: '2026-11-20T12:00:00.000Z' },
      ],
    })
  })

  it('is told with how many events wait, which a webhook got neither of nor the page that mends it', async () => {
    await alert()
    for (const state of ['pending', 'retry', 'held', 'delivered', 'waiting'] as const)
      await keepDelivery(pool(), shopId, { vendor: 'ecomail', state })
    await keepDelivery(pool(), shopId, { vendor: 'alana', state: 'held' })
    const wording = shopWording('de', null, path => `https://admin.example.com${path}`)
    await tell(1, { email: email(), webhook: webhook(SECRET, wording) })
    expect(mail.mails[0]?.data).toContain('Events that wait for it: 3.')
    const link = 'https://admin.example.com/app/vendors/ecomail'
    expect(JSON.parse(calls[0]?.body ?? '').alerts).toMatchObject([{ waiting: 3, link }])
    await alert({ over: true })
    await tell(31)
    // It is not connected any more, so nothing goes out.
    expect(JSON.parse(calls[1]?.body ?? '').alerts).toMatchObject([
      { waiting: 3, goesOut: false, link: null },
    ])
    expect(mail.mails[1]?.data).toContain('Events that wait for it: 3.')
  })

  it('is told when it is over with what it was, since when until when, and how many events go out now', async () => {
    await pool().query(
      `insert into connections (shop_id, vendor, settings, secrets, updated_at) values ($1, 'ecomail', '{}', '', now())`,
      [shopId],
    )
    await alert({ kind: 'attention', message: 'Paste the current key.', over: true })
    for (const state of ['pending', 'held'] as const)
      await keepDelivery(pool(), shopId, { vendor: 'ecomail', state })
    await tell(31)
    const told = mail.mails[0] ? readMail(mail.mails[0]) : null
    expect(mail.mails[0]?.data).toMatch(
      /^Subject: Sluice: one\.myshopify\.com, Ecomail: resolved \(it needed/m,
    )
    expect(told?.text.split('\n').map(line => line.trim())).toEqual([
      'one.myshopify.com, Ecomail: resolved (it needed attention)',
      'from 2026-11-20T12:00:00.000Z to 2026-11-20T12:30:00.000Z',
      'What was told then: “Paste the current key.”',
      'Events that waited and go out now: 2.',
      '',
    ])
    await pool().query("update deliveries set state = 'delivered'")
    await alert({ kind: 'waiting', over: true })
    await tell(32)
    expect(mail.mails.map(each => readMail(each).text).join()).toContain('No events wait for it any more.')
    await pool().query('update connections set enabled = false')
    await alert({ kind: 'giving_up', over: true })
    await tell(33)
    expect(JSON.parse(calls.at(-1)?.body ?? '').alerts).toMatchObject([{ goesOut: false }])
  })

  it('is told with one more than are counted where more wait, however many of them are held', async () => {
    await alert()
    await keepMany(pool(), shopId, 12_000, 'pending', 'ecomail')
    await pool().query(
      `update deliveries set state = 'held' where event_id in (select event_id from deliveries limit 6000)`,
    )
    await tell(1)
    expect(JSON.parse(calls[0]?.body ?? '').alerts).toMatchObject([{ waiting: COUNTED_UP_TO }])
  })

  it('is told again at a higher level, and when it is over', async () => {
    await alert({ kind: 'giving_up', level: 50 })
    await tell(1)
    await alert({ kind: 'giving_up', level: 70 })
    await tell(2)
    await alert({ kind: 'giving_up', level: 70, over: true })
    await tell(31)
    await tell(32)
    const told = calls.map(({ body }) => JSON.parse(body).alerts)
    expect(told).toMatchObject([
      [{ state: 'open', level: 50 }],
      [{ state: 'open', level: 70 }],
      [{ state: 'resolved', resolvedAt: at(30).toISOString() }],
    ])
    expect(mail.mails.map(({ data }) => /^Subject: (.*)$/m.exec(data)?.[1])).toEqual([
      expect.stringContaining('failing, 50 %'),
      expect.stringContaining('failing, 70 %'),
      expect.stringContaining('resolved'),
    ])
  })

  it('is not told before its time, nor when there is nothing', async () => {
    await alert()
    await tell(-1)
    expect([mail.mails, calls]).toEqual([[], []])
    await tell(0, {})
    expect([mail.mails, calls]).toEqual([[], []])
  })

  it('of very many is counted beyond what one message holds, and told whole', async () => {
    for (let n = 0; n < 103; n += 1) await alert({ vendor: `v${n}` })
    await tell(1)
    await tell(2)
    expect(calls).toHaveLength(1)
    expect(JSON.parse(calls[0]?.body ?? '')).toMatchObject({ more: 3, alerts: { length: 100 } })
    expect(mail.mails.map(({ data }) => data)).toEqual([expect.stringContaining('And 3 more')])
  })
})

describe('a webhook', () => {
  it('is signed over its time and body', async () => {
    await alert()
    await tell(1)
    const [{ headers, body } = { headers: {} as IncomingHttpHeaders, body: '' }] = calls
    const stamp = headers['x-sluice-timestamp']
    expect(stamp).toBe(String(at(1).getTime() / 1000))
    const expected = createHmac('sha256', SECRET).update(`${stamp}.${body}`).digest('hex')
    expect(headers['x-sluice-signature']).toBe(`sha256=${expected}`)
  })

  it('without a secret has no signature', async () => {
    await alert()
    await tell(1, { webhook: webhook(null) })
    expect(calls[0]?.headers).not.toHaveProperty('x-sluice-signature')
  })

  it.each([500, 302, 404])('that answers %d is called again later, under the same id', async answer => {
    await alert()
    status = answer
    await tell(1)
    expect(await states('webhook')).toEqual([{ tries: 1, sent: false, failed: false }])
    status = 204
    await tell(1.9)
    expect(calls).toHaveLength(1)
    await tell(2)
    await tell(3)
    expect(calls).toHaveLength(2)
    expect(calls[1]?.headers['x-sluice-message-id']).toBe(calls[0]?.headers['x-sluice-message-id'])
  })
})

describe('a mail server', () => {
  it('that refuses delays no other channel, and gets the mail later', async () => {
    await alert()
    mail.behave('refuse')
    await tell(1)
    expect(calls).toHaveLength(1)
    expect(await states('email')).toEqual([{ tries: 1, sent: false, failed: false }])
    mail.behave('well')
    await tell(2)
    expect(mail.mails).toHaveLength(1)
    expect(calls).toHaveLength(1)
  })

  it.each([['says nothing'], ['is gone']])('that %s is given up for this time', async how => {
    await alert()
    const settings = { to: ['ops@example.com'], from: 'sluice@example.com', smtpUrl: mail.url }
    if (how === 'is gone') await mail.close()
    else mail.behave('silence')
    await tell(1, { email: emailChannel(settings, 50), webhook: webhook() })
    expect(await states('email')).toEqual([{ tries: 1, sent: false, failed: false }])
    expect(calls).toHaveLength(1)
    if (how === 'is gone') mail = await startMailServer()
  })

  it('is tried ten times with growing pauses, and then no more', async () => {
    await alert()
    mail.behave('refuse')
    const pauses: number[] = []
    let now = 1
    for (let tries = 1; tries <= 10; tries += 1) {
      await tell(now, { email: email() })
      const { rows } = await pool().query(`select due_at from alert_notices where channel = 'email'`)
      const next = (rows[0].due_at.getTime() - T0) / 60_000
      pauses.push(next - now)
      now = next
    }
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60, 60])
    expect(await states('email')).toEqual([{ tries: 10, sent: false, failed: true }])
    mail.behave('well')
    await tell(now + 60, { email: email() })
    expect(mail.mails).toEqual([])
  })

  it('gets no header from what an alert says', async () => {
    await alert({
      vendor: 'x\r\nBcc: evil@example.com',
      message: 'a\r\n.\r\nMAIL FROM:<evil@example.com>\r\nSubject: b',
    })
    await tell(1)
    expect(mail.mails).toHaveLength(1)
    const [head = '', body] = mail.mails[0]?.data.split('\r\n\r\n') ?? []
    expect(head.replace(/\r\n[ \t]+/g, ' ')).not.toMatch(/^Bcc:/im)
    expect(head.match(/^Subject:/gim)).toHaveLength(1)
    expect(body).not.toContain('evil@')
  })
})

describe('the log', () => {
  it('names the channel and the failure, and neither addresses nor secrets', async () => {
    await alert()
    mail.behave('refuse')
    status = 500
    await tell(1)
    expect(lines.join('')).toContain('"channel":"email"')
    expect(lines.join('')).toContain('answered 500')
    expect(lines.join('')).not.toMatch(/example\.com|key=x|0123456789abcdef/)
  })
})

it('what an evaluation adds while alerts are being told is told by the next run, and not taken for told', async () => {
  await alert({ vendor: 'ecomail' })
  const told: string[][] = []
  const channel = {
    async send({ alerts }: Parameters<ReturnType<typeof email>['send']>[0]) {
      told.push(alerts.map(({ vendor }) => vendor))
      if (told.length === 1) await alert({ vendor: 'topmail' })
    },
  }
  await tell(1, { email: channel })
  await tell(2, { email: channel })
  expect(told).toEqual([['ecomail'], ['topmail']])
})
