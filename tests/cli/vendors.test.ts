/** What the command line says of a vendor: its settings, its state, and what a test changes; and how the process of a command ends. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { refuse } from '../../app/delivery/testing.ts'
import { SETTINGS, SHOP, startApp, type TestApp } from '../support/app.ts'
import { runCommand, runProcess } from '../support/command-line.ts'

let app: TestApp
const sluice = (...args: string[]) => runCommand(app, args)
const json = async (...args: string[]) => JSON.parse((await sluice('--json', ...args)).out)
const pool = () => app.server.services.pool
beforeAll(async () => {
  app = await startApp()
  await app.connect('ecomail')
})
afterAll(() => app.close())

it('lists the settings of a vendor when none are given, and changes nothing', async () => {
  const { settings, ...rest } = await json('vendor', 'connect', SHOP, 'topmail')
  expect(rest).toEqual({ shop: SHOP, vendor: 'topmail', connected: false })
  expect(settings[0]).toEqual({
    ...{ name: 'apiKey', required: 'yes', secret: true, kind: 'text', options: [], label: 'API key' },
    ...{ help: expect.any(String), where: expect.any(String) },
  })
  const { out, code } = await sluice('vendor', 'connect', SHOP, 'voucherify', '--replace')
  expect(code).toBe(0)
  expect(out).toMatch(
    /^clientToken: text; required when mode is client; secret\n {4}Client-side key\. Found/m,
  )
  expect(out).toContain(`"npm run sluice -- vendor connect ${SHOP} voucherify --set NAME=VALUE"`)
  expect(await json('lanes', '--shop', SHOP)).toHaveLength(1)
})

it('says in words what is wrong with a setting, and where they are listed', async () => {
  const { err, code } = await sluice('vendor', 'connect', SHOP, 'topmail', '--set', 'productIdentifier=name')
  expect({ err, code }).toEqual({
    code: 1,
    err: `Topmail cannot be set up like this: apiKey is needed; productIdentifier must be one of product_id, variant_id, sku, handle, metafield. "npm run sluice -- vendor connect ${SHOP} topmail" lists the settings and what each is for.\n`,
  })
})

it('takes and shows what one event carries', async () => {
  const { appId, appToken } = SETTINGS.voucherify
  const connect = (value: string) =>
    sluice(
      ...[
        'vendor',
        'connect',
        SHOP,
        'voucherify',
        '--set',
        `appId=${appId}`,
        '--set',
        `appToken=${appToken}`,
      ],
      ...['--set', `eventMetadata=${value}`],
    )
  expect((await connect('{"order_paid":"total,tax","product_viewed":[]}')).code).toBe(0)
  expect((await sluice('vendor', 'show', SHOP, 'voucherify')).out).toContain(
    'eventMetadata = {"order_paid":"total,tax","product_viewed":[]}',
  )
  const refused = [
    ['total', 'eventMetadata must be JSON, such as {"product_viewed":["occurred_at"]}.'],
    ['{"order_paid":["query"]}', 'each of eventMetadata.order_paid must be one of occurred_at,'],
    ['{"order_updated":[]}', 'eventMetadata must not have "order_updated"; it may have order_created,'],
  ]
  for (const [value = '', said = ''] of refused) {
    const { err, code } = await connect(value)
    expect([code, err]).toEqual([1, expect.stringContaining(said)])
  }
  await pool().query("delete from connections where vendor = 'voucherify'")
})

it('takes and shows what a visitor must have allowed', async () => {
  const connect = (value: string) =>
    sluice('vendor', 'connect', SHOP, 'alana', ...['--set', 'apiKey=ak_1'], ...['--set', `purposes=${value}`])
  const { settings } = await json('vendor', 'connect', SHOP, 'alana')
  expect(settings).toContainEqual(
    expect.objectContaining({
      ...{ name: 'purposes', kind: 'record', required: 'no' },
      help: expect.stringContaining('analytics+marketing'),
    }),
  )
  expect((await connect('{"product_viewed":"analytics+marketing"}')).code).toBe(0)
  expect(await json('vendor', 'show', SHOP, 'alana')).toMatchObject({
    settings: { purposes: { product_viewed: 'analytics+marketing' } },
  })
  expect((await sluice('vendor', 'show', SHOP, 'alana')).out).toContain(
    'purposes = {"product_viewed":"analytics+marketing"}',
  )
  const refused = [
    ['analytics', 'purposes must be JSON, such as {"product_viewed":"analytics"}.'],
    ['{"product_viewed":"none"}', 'must be one of analytics, marketing, analytics+marketing.'],
    ['{"product_viewed":[]}', 'must be one of analytics, marketing, analytics+marketing.'],
    ['{"cart_updated":"analytics"}', 'purposes must not have "cart_updated"; it may have page_viewed,'],
  ] as const
  for (const [value, sentence] of refused)
    expect(await connect(value)).toMatchObject({ code: 1, err: expect.stringContaining(sentence) })
  await json('vendor', 'disconnect', SHOP, 'alana')
})

it('shows whether a vendor is on, what it needs, and its last test', async () => {
  expect(await json('vendor', 'show', SHOP, 'ecomail')).toMatchObject({
    ...{ enabled: true, attention: null, status: 'open', test: null },
  })
  expect((await sluice('vendor', 'show', SHOP, 'ecomail')).out).toMatch(/last test +none since/)
  await json('vendor', 'test', SHOP, 'ecomail')
  expect(await json('vendor', 'show', SHOP, 'ecomail')).toMatchObject({
    test: { at: expect.any(String), ok: true, message: expect.any(String) },
  })
  await refuse(pool(), app.lane('ecomail'), 'Wrong key.')
  await pool().query('update connections set test_ok = false')
  const { out } = await sluice('vendor', 'show', SHOP, 'ecomail')
  expect(out).toMatch(
    /: switched on\n +lane +needs attention: Wrong key\.\n +last test +\d{4}-\S+Z +FAILED: /,
  )
  await json('vendor', 'off', SHOP, 'ecomail')
  expect((await sluice('vendor', 'show', SHOP, 'ecomail')).out).toMatch(
    /: switched off\n +lane +off; needs attention: Wrong key\./,
  )
})

describe('a test', () => {
  it('that succeeds says what it ended, and what keeps the lane from sending all the same', async () => {
    const { out, code } = await sluice('vendor', 'test', SHOP, 'ecomail')
    expect(code).toBe(0)
    expect(out).toMatch(/^OK: .*\n +The lane needed attention \(Wrong key\.\): that is over\.$/m)
    expect(out).toContain(`"npm run sluice -- vendor on ${SHOP} ecomail" switches it on`)
    await json('vendor', 'on', SHOP, 'ecomail')
    await pool().query(`update connections set paused_until = now() + interval '1 hour'`)
    expect(await json('vendor', 'test', SHOP, 'ecomail')).toMatchObject({
      ok: true,
      next: [expect.stringMatching(/^The lane was paused until \S+Z: that is over\.$/)],
    })
    expect(await json('lanes', '--shop', SHOP)).toMatchObject([{ status: 'open' }])
  })

  it('that may not be made names what ends the wait', async () => {
    await pool().query(
      `insert into circuits (key, open_until, rest_ms, opened_at, reason)
       values ($1, now() + interval '1 minute', 60000, now(), 'half of them failed')`,
      [`lane:${app.shopId}:ecomail`],
    )
    const { out, code } = await sluice('vendor', 'test', SHOP, 'ecomail')
    expect(code).toBe(1)
    expect(out).toMatch(/^NOT TESTED: /)
    expect(out).toContain(`"npm run sluice -- lane resume ${SHOP} ecomail" ends the rest`)
    await sluice('lane', 'resume', SHOP, 'ecomail')
    expect(await json('vendor', 'test', SHOP, 'ecomail')).toMatchObject({ ok: true, next: [] })
  })
})

it('is a process that ends by itself, with 1 where something is wrong', async () => {
  expect(await runProcess(app, ['--json', 'shop', 'show', SHOP])).toMatchObject({ code: 0, err: '' })
  const refused = await runProcess(app, ['--json', 'shop', 'add', 'lantern.example.com'])
  expect({ ...refused, out: JSON.parse(refused.out) }).toEqual({
    out: { error: expect.stringContaining('must look like name.myshopify.com') },
    err: '',
    code: 1,
  })
})

it.skipIf(process.platform !== 'linux')(
  'fails at once where the folder of the database cannot be made',
  async () => {
    const { err, code } = await runProcess(app, ['shops'], { DATABASE_URL: '', DATA_DIR: '/proc/sluice' })
    expect(code).toBe(1)
    expect(err).toMatch(/^The folder \/proc\/sluice cannot be made; point DATA_DIR to /)
  },
)
