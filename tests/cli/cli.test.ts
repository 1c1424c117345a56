import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SLUICE } from '../../app/command-line.ts'
import { createSpool } from '../../app/delivery/spool.ts'
import { keepDelivery } from '../../app/delivery/testing.ts'
import { NOBODY } from '../../app/events/store-event.ts'
import { evaluateAlerts } from '../../app/insights/alerts/evaluate.ts'
import { orderPayload, SIGNED_IN } from '../../sandbox/store/payloads.ts'
import { SETTINGS, startApp, type TestApp } from '../support/app.ts'
import { runCommand, setting } from '../support/command-line.ts'
import { simpleOrder } from '../support/orders.ts'

const SHOP = 'lantern.myshopify.com'
const WHY = ['--reason', 'The merchant asked for it.']
let app: TestApp
beforeAll(async () => {
  app = await startApp()
})
afterAll(() => app.close())

const sluice = (...args: string[]) => runCommand(app, args)
const json = async (...args: string[]) => JSON.parse((await sluice('--json', ...args)).out)

describe('the command line', () => {
  it('says what there is when there is nothing', async () => {
    expect((await sluice('shops', '--query', 'nothing')).out).toContain('contains "nothing"')
  })

  it.each([[['shop', 'ad', SHOP]], [['shops', '--bogus']], [['lane']]])(
    'answers %j with one JSON error when asked for JSON',
    async args => {
      const { out, err, code } = await sluice('--json', ...args)
      expect({ error: JSON.parse(out), err, code }).toEqual({
        error: { error: expect.any(String) },
        err: '',
        code: 1,
      })
    },
  )

  it('adds a shop and lists it', async () => {
    expect((await sluice('shop', 'add', SHOP)).out).toContain(`${SHOP} is installed.`)
    expect(await json('shops', '--query', 'lantern')).toMatchObject([{ domain: SHOP }])
  })

  it('refuses what is no shop, with a sentence', async () => {
    const { code, err } = await sluice('shop', 'add', 'lantern.example.com')
    expect(code).toBe(1)
    expect(err).toContain('must look like name.myshopify.com')
  })

  it('shows what the pixel of a shop is given, and makes a new key', async () => {
    const shown = await json('shop', 'show', SHOP)
    expect(shown).toMatchObject({
      domain: SHOP,
      pixelKey: expect.stringMatching(/^[0-9a-f]{32}$/),
    })
    const { pixelKey } = await json('shop', 'rotate-key', SHOP)
    expect(pixelKey).not.toBe(shown.pixelKey)
    expect((await sluice('shop', 'show', SHOP)).out).toContain(pixelKey)
  })

  it('sets after how long a checkout counts as abandoned', async () => {
    expect((await sluice('shops')).out).toContain('60 minutes')
    expect(await json('shop', 'set', SHOP, '--abandoned-after', '90')).toEqual({
      shop: SHOP,
      abandonedAfterMinutes: 90,
    })
    expect(await json('shops', '--query', 'lantern')).toMatchObject([{ abandonedAfterMinutes: 90 }])
    const refused = await sluice('shop', 'set', SHOP, '--abandoned-after', '4')
    expect(refused).toMatchObject({
      code: 1,
      err: expect.stringContaining('from 5 to 43200, or 0 for never'),
    })
    expect((await sluice('shop', 'set', SHOP, '--abandoned-after', '0')).out).toContain('no checkout counts')
  })

  it("shows a shop's own settings", async () => {
    expect(await json('shop', 'set', SHOP, '--release-within', '3')).toMatchObject({ releaseWithinDays: 3 })
    expect(await json('shops', '--query', 'lantern')).toMatchObject([{ releaseWithinDays: 3 }])
    const settings = { domain: SHOP, abandonedAfterMinutes: 0, releaseWithinDays: 3 }
    expect(await json('shop', 'show', SHOP)).toMatchObject(settings)
    expect((await sluice('shop', 'show', SHOP)).out).toMatch(
      /abandoned after +never.*\n +release within +3 days/,
    )
  })

  it('sets how long what a visitor does waits for the person', async () => {
    const set = (hours: string) => sluice('shop', 'set', SHOP, '--person-wait', hours)
    expect(await json('shop', 'set', SHOP, '--person-wait', '48')).toEqual({
      shop: SHOP,
      personWaitHours: 48,
    })
    expect(await json('shops', '--query', 'lantern')).toMatchObject([{ personWaitHours: 48 }])
    expect((await set('2')).out).toContain('waits for 2 hours until')
    expect((await set('1')).out).toContain('waits for 1 hour until')
    expect((await sluice('shop', 'show', SHOP)).out).toMatch(/person wait +1 hour /)
    expect(await set('169')).toMatchObject({ code: 1, err: expect.stringContaining('from 1 to 168, or 0') })
    expect((await set('0')).out).toContain('waits for nobody')
    expect((await sluice('shop', 'set', SHOP)).err).toContain('--person-wait HOURS')
  })

  it('connects a vendor, without showing the key', async () => {
    const { out, err, code } = await sluice(
      'vendor',
      'connect',
      SHOP,
      'ecomail',
      ...setting(SETTINGS.ecomail),
      '--set',
      'clearBasket=off',
    )
    expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining('Ecomail is connected') })
    expect(out + err).not.toContain(SETTINGS.ecomail.apiKey)
  })

  it.each([
    [['ecomail', '--set', 'apikey=x'], 'has no setting "apikey"'],
    [['topmail', '--set', 'createContacts=on'], 'apiKey'],
    [['mailchimp', '--set', 'a=b'], 'the vendors are ecomail, topmail, alana, voucherify'],
    [['ecomail', '--set', 'apiKey'], 'NAME=VALUE'],
    [['voucherify', '--set', 'mode=server'], 'appId'],
  ])('names the setting that is wrong: %j', async (args, sentence) => {
    const { code, err } = await sluice('vendor', 'connect', SHOP, ...args)
    expect(code).toBe(1)
    expect(err).toContain(sentence)
  })

  it('keeps the settings that are not given, and shows them with secrets masked', async () => {
    await sluice('vendor', 'connect', SHOP, 'ecomail', '--set', 'shopName=Lantern')
    const { settings } = await json('vendor', 'show', SHOP, 'ecomail')
    expect(settings).toEqual({
      apiKey: expect.stringMatching(/^….{4}$/),
      clearBasket: false,
      shopName: 'Lantern',
    })
    await sluice('vendor', 'connect', SHOP, 'ecomail', '--replace', ...setting(SETTINGS.ecomail))
    expect((await json('vendor', 'show', SHOP, 'ecomail')).settings).not.toHaveProperty('shopName')
  })

  it('tests a connection, good and bad', async () => {
    expect(await json('vendor', 'test', SHOP, 'ecomail')).toMatchObject({ ok: true })
    await sluice('vendor', 'connect', SHOP, 'alana', '--set', 'apiKey=ak_of_somebody_else')
    const bad = await sluice('vendor', 'test', SHOP, 'alana')
    expect(bad).toMatchObject({ code: 1, out: expect.stringContaining('FAILED') })
  })

  it('holds while a vendor is off, and releases when it is on', async () => {
    const payload = orderPayload(simpleOrder(9001))
    expect(await json('vendor', 'off', SHOP, 'ecomail')).toMatchObject({ on: false, deliveries: 0 })
    await app.store.webhook({ topic: 'orders/create', shop: SHOP, payload })
    expect(await json('deliveries', SHOP, '--vendor', 'ecomail', '--state', 'held')).toMatchObject([
      { type: 'order_created', vendor: 'ecomail', state: 'held' },
    ])
    expect(await json('vendor', 'on', SHOP, 'ecomail')).toMatchObject({ on: true, deliveries: 1 })
    await app.vendors.waitFor('ecomail', entry => entry.accepted && entry.path === '/tracker/transaction')
    await app.idle()
  })

  it("tells an event's whole story, with the person masked", async () => {
    const [delivery] = await json('deliveries', SHOP, '--vendor', 'ecomail')
    const { out } = await sluice('explain', SHOP, delivery.eventId)
    expect(out).toContain('order_created')
    expect(out).toContain('orders/create')
    expect(out).toContain('ecomail  delivered')
    expect(out).toContain(`POST ${app.vendors.urls.ecomail}/tracker/transaction`)
    expect(out).toContain('answer   200')
    expect(out).not.toContain(SIGNED_IN.email)
    expect(out).not.toContain(SETTINGS.ecomail.apiKey)
    expect(await json('explain', SHOP, delivery.eventId)).toMatchObject({
      event: { type: 'order_created' },
      deliveries: expect.any(Array),
    })
  })

  it('says so when there is no such event', async () => {
    expect((await sluice('explain', SHOP, '01930000-0000-7000-8000-00000000ffff')).err).toContain(
      'has no event',
    )
    expect((await sluice('explain', SHOP, 'order-1')).err).toContain('is no event id')
  })

  it('replays', async () => {
    const before = app.vendors.counts('ecomail').accepted
    const dry = ['replay', SHOP, '--vendor', 'ecomail', '--state', 'delivered', '--dry-run']
    expect(await json(...dry)).toEqual({
      ...{ shop: SHOP, dryRun: true, wouldReplay: 1 },
      by: [
        {
          ...{ vendor: 'ecomail', state: 'delivered', held: false, count: 1, superseded: 0, arrived: 0 },
          foreseen: { looked: 1, reasons: [] },
        },
      ],
    })
    expect((await sluice(...dry)).out).toMatch(/^ecomail +delivered +1 .*\nWould be replayed: 1\./m)
    expect(await json('deliveries', SHOP, '--vendor', 'ecomail')).toMatchObject([{ state: 'delivered' }])
    const delivered = ['replay', SHOP, '--vendor', 'ecomail', '--state', 'delivered']
    expect((await sluice(...delivered, '--reason', ' ')).err).toContain('--reason must be')
    const sent = await json(...delivered, ...WHY)
    expect(sent).toMatchObject({ replayed: 1 })
    const [noted] = (
      await app.server.services.pool.query(
        "select after ->> 'replay' as id, vendor from audit_entries where action = 'replay' order by id desc limit 1",
      )
    ).rows
    expect(noted, 'which replay its entry is of').toEqual({ id: sent.replay, vendor: 'ecomail' })
    const [{ eventId }] = await json('deliveries', SHOP, '--vendor', 'ecomail')
    await app.idle()
    expect((await sluice('explain', SHOP, eventId)).out).toMatch(
      /^ {2}again {6}\S+Z by command line: .+, with others/m,
    )
    expect(app.vendors.counts('ecomail').accepted).toBe(before + 1)
    expect(await json(...delivered)).toMatchObject({ replayed: 1 })
    await app.idle()
    expect(app.vendors.counts('ecomail').accepted).toBe(before + 2)
    expect((await sluice('replay', SHOP, '--since', '2030-01-01', ...WHY)).out).toContain('Nothing matches')
    expect((await sluice('replay', SHOP, '--since', 'yesterday')).err).toContain('--since must be')
    const unknown = '00000000-0000-7000-8000-000000000000'
    expect((await sluice('replay', SHOP, '--event', unknown, ...WHY)).out).toContain('--state')
    expect((await sluice('deliveries', SHOP, '--limit', 'many')).err).toContain('from 1 to 10000')
  })

  it('foresees by reason what a replay would skip, and changes nothing', async () => {
    const { pool } = app.server.services
    const shop = (await pool.query<{ id: number }>('select id from shops where domain = $1', [SHOP])).rows[0]
    const actor = { ...NOBODY, visitorId: 'refused', consent: { analytics: false, marketing: false } }
    const dead = { vendor: 'ecomail', state: 'dead', reason: 'rejected' } as const
    const id = await keepDelivery(pool, shop?.id ?? 0, dead, { actor })
    const dry = ['replay', SHOP, '--vendor', 'ecomail', '--dry-run']
    expect(await json(...dry)).toMatchObject({
      by: [{ count: 1, foreseen: { looked: 1, reasons: [{ reason: 'no_consent', count: 1 }] } }],
    })
    expect((await sluice(...dry)).out).toMatch(
      /ecomail: 1 would be skipped, .*:\n {2}1 {2}no_consent: The visitor did not allow .*\nWould be replayed: 1\./,
    )
    const { rows } = await pool.query('select state from deliveries where event_id = $1', [id])
    expect(rows).toEqual([{ state: 'dead' }])
    await pool.query('delete from deliveries where event_id = $1', [id])
  })

  it('lists lanes and examines the installation', async () => {
    expect(await json('lanes', '--shop', SHOP)).toMatchObject([
      { vendor: 'alana', status: expect.stringContaining('attention') },
      { vendor: 'ecomail', status: 'open', job: null, pending: 0 },
    ])
    const doctor = await sluice('doctor')
    expect(doctor.out).toMatch(/^ok {4}database/m)
    expect(doctor.out).toMatch(/^ok {4}connections: 2 connections open/m)
  })

  it('showed beside live numbers how lanes had stood when the worker last looked, or nothing', async () => {
    const { pool } = app.server.services
    const taken = () =>
      pool.query(
        `insert into lane_health (shop_id, vendor, state, waiting, held, delivered, failed, taken_at)
         select shop_id, vendor, 'late', 0, 0, 0, 0, now() from connections
         on conflict (shop_id, vendor) do update set state = excluded.state`,
      )
    for (const before of [taken, () => pool.query('delete from lane_health')]) {
      await before()
      const now = { state: expect.stringMatching(/^(ok|untested)$/), stateAsOf: null }
      expect(await json('lanes')).toMatchObject([{ state: 'attention' }, { vendor: 'ecomail', ...now }])
      expect((await sluice('lanes')).out).not.toContain('as of')
    }
    await pool.query('insert into lane_health_due (shop_id, vendor) select shop_id, vendor from connections')
  })

  it('tells which lanes rest and until when, and tests no connection then', async () => {
    const { pool } = app.server.services
    const before = app.vendors.counts('ecomail').received
    await pool.query(
      `insert into circuits (key, open_until, rest_ms, opened_at, reason)
       select 'lane:' || id || ':ecomail', now() + interval '1 minute', 60000, now(), 'half of them failed'
       from shops where domain = $1`,
      [SHOP],
    )
    expect((await sluice('lanes', '--shop', SHOP)).out).toMatch(
      /ecomail +failing +rests until \d{4}-\S+Z because half of them failed/,
    )
    expect(await sluice('vendor', 'test', SHOP, 'ecomail')).toMatchObject({
      code: 1,
      out: expect.stringMatching(
        /^NOT TESTED: Sluice has paused Ecomail .* Nothing was sent; test again in \d+ seconds/,
      ),
    })
    expect(await json('lanes', '--shop', SHOP)).toMatchObject([{}, { vendor: 'ecomail', testOk: true }])
    expect(app.vendors.counts('ecomail').received).toBe(before)
    await pool.query('delete from circuits')
  })

  it('lists what could not be accepted, and tries it again', async () => {
    const { sealer, pool } = app.server.services
    expect((await sluice('spool')).out).toContain('The spool is empty.')
    const item = { kind: 'webhook' as const, receivedAt: new Date(), facts: {}, raw: Buffer.from('{') }
    await createSpool(pool, sealer).keepFailed(SHOP, { item, why: 'It was not JSON.' })
    expect((await sluice('spool')).out).toMatch(/^lantern\S+ +1 +\S+Z +It was not JSON\.$/m)
    expect((await sluice('doctor')).out).toMatch(/^FAIL {2}spool: 1 requests could not be accepted/m)
    expect(await json('spool', '--retry')).toEqual({ due: 1 })
    await pool.query('truncate spool')
    expect((await sluice('spool', '--retry')).out).toContain('Nothing rests in the spool.')
  })

  it('resumes a lane that a vendor told to wait for three days, and says what it lifted', async () => {
    const { pool } = app.server.services
    app.vendors.fail('ecomail', { status: 429, times: 1, headers: { 'Retry-After': '259200' } })
    await json('replay', SHOP, '--vendor', 'ecomail', '--state', 'delivered', ...WHY)
    const paused = () =>
      pool.query(`select paused_until > now() as waits from connections where vendor = 'ecomail'`)
    await expect.poll(async () => (await paused()).rows, { timeout: 10_000 }).toEqual([{ waits: true }])
    expect((await sluice('lanes', '--shop', SHOP)).out).toMatch(
      /ecomail +paused +paused until \S+Z because Ecomail asked to wait /,
    )
    const [waiting] = await json('deliveries', SHOP, '--vendor', 'ecomail')
    expect((await sluice('explain', SHOP, waiting.eventId)).out).toMatch(
      /next +as soon as the lane goes on at \S+Z \(paused until \S+Z because Ecomail asked/,
    )
    const { code, out } = await sluice('lane', 'resume', SHOP, 'ecomail')
    expect(code).toBe(0)
    expect(out).toMatch(
      /Ecomail had asked to wait until \d{4}-\S+Z; that is lifted, for whoever sends with these credentials\./,
    )
    expect(out).toMatch(/Its pause until \d{4}-\S+Z is over\./)
    expect(out).toContain('to be tried later and are due now: 1.')
    await app.idle()
    expect(await json('deliveries', SHOP, '--vendor', 'ecomail')).toMatchObject([{ state: 'delivered' }])
    const told = async () =>
      (await sluice('audit', '--shop', SHOP, '--action', 'lane_resume', '--limit', '1')).out
    expect(await told()).toMatch(/Ended a pause .*Paused until: \S+ → none; .*Tries brought forward: 0 → 1/)
    expect((await sluice('lane', 'resume', SHOP, 'ecomail')).out).toContain('Nothing kept it waiting.')
    expect(await told()).toContain('Asked to end a pause: nothing was changed')
    expect(await json('lane', 'resume', SHOP, 'alana')).toMatchObject({
      announced: [],
      stop: { reason: 'refused' },
    })
  })

  it.each([
    ['nowhere.myshopify.com', 'ecomail', `"${SLUICE} shops" lists those there are`],
    [SHOP, 'mailchimp', 'the vendors are ecomail, topmail, alana, voucherify'],
    [SHOP, 'topmail', `"${SLUICE} vendor connect ${SHOP} topmail --set …" does`],
  ])('says what to do where there is no lane to resume: %s %s', async (shop, vendor, remedy) => {
    const { code, err } = await sluice('lane', 'resume', shop, vendor)
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining(remedy) })
  })

  it('lists alerts, and doctor names them', async () => {
    expect((await sluice('alerts', '--shop', 'test-shop.myshopify.com')).out).toContain('No alert is open.')
    await evaluateAlerts(app.test.database.pool, { ageMinutes: 60, channels: [] }, new Date())
    expect((await sluice('alerts', '--shop', SHOP)).out).toMatch(
      /^lantern\S+ +alana +needs attention .*Correct the settings/m,
    )
    expect(await json('alerts', '--all')).toMatchObject([
      { shop: SHOP, vendor: 'alana', kind: 'attention', level: 100, resolvedAt: null },
    ])
    const doctor = await sluice('doctor')
    expect(doctor).toMatchObject({ code: 1, out: expect.stringMatching(/^FAIL {2}alerts: lantern.*alana/m) })
  })
})
