import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { proxyTrouble } from '../config-storefront.ts'
import { emptyTables, type TestDatabase, testDatabase } from '../db/testing.ts'
import { saveConnection, vendorById } from '../delivery/connections.ts'
import { startEngine } from '../delivery/engine.ts'
import { createSpool } from '../delivery/spool.ts'
import { keepDelivery, newShop, pauseLane, refuse, sealer } from '../delivery/testing.ts'
import { createLog } from '../log.ts'
import { createSealer } from '../secrets/seal.ts'
import { keepRefusedPage } from '../shopify/admin/hosts.ts'
import { examine } from './doctor.ts'

const KEY = 'tiny-key-0123456789'
let test: TestDatabase
let shopId: number
const pool = () => test.database.pool
const lane = () => ({ shopId, vendor: 'topmail' })
const check = async (name: string, by = sealer) =>
  (await examine(pool(), by)).find(each => each.name === name)

beforeAll(async () => {
  test = await testDatabase()
})
afterAll(() => test.drop())
beforeEach(async () => {
  await emptyTables(pool())
  shopId = await newShop(pool(), 'one')
  await saveConnection(test.database.pool, sealer, shopId, vendorById('topmail'), { apiKey: KEY })
})

describe('examine', () => {
  it('finds nothing wrong with an installation that works', async () => {
    const checks = await examine(pool(), sealer)
    expect(checks.map(({ name, ok }) => [name, ok])).toEqual([
      ['database', true],
      ['connections', true],
      ['workers', true],
      ['lanes', true],
      ['credentials', true],
      ['deliveries', true],
      ['spool', true],
      ['alerts', true],
      ['shopify', true],
      ['privacy', true],
      ['pixels', true],
      ['search', true],
    ])
    expect(checks[0]?.detail).toMatch(/^PostgreSQL \d+.*, [1-9]\d* migrations applied$/)
  })

  it('says when shops are searched without an index', async () => {
    expect((await check('search'))?.detail).toMatch(/with an index$/)
    const client = await pool().connect()
    await client.query('alter index shops_search_idx rename to shops_search_was')
    try {
      expect(await check('search')).toMatchObject({
        ok: true,
        detail: expect.stringMatching(/^there is no index/),
      })
    } finally {
      await client.query('alter index shops_search_was rename to shops_search_idx')
      client.release()
    }
  })

  it('says for which page a shop’s pixel was refused lately, until Shopify says that it is the shop’s', async () => {
    await keepRefusedPage(pool(), 'one.myshopify.com', 'shop.example.cz')
    expect(await check('pixels')).toMatchObject({
      ok: true,
      detail: expect.stringMatching(
        /^one\.myshopify\.com was refused for the page of shop\.example\.cz at .*activate/,
      ),
    })
    await pool().query(`update shops set hosts = '{shop.example.cz}'`)
    expect((await check('pixels'))?.detail).toMatch(/^none/)
  })

  it('says that a proxy stands in front that nobody told of', async () => {
    const found = async (appUrl: string, proxies: number) =>
      (await examine(pool(), sealer, proxyTrouble(appUrl, proxies))).at(-1)
    expect(await found('https://sluice.example.com', 0)).toMatchObject({
      name: 'addresses',
      ok: false,
      detail: expect.stringContaining('TRUSTED_PROXIES is 0'),
    })
    expect(await found('https://sluice.example.com', 1)).toMatchObject({ name: 'addresses', ok: true })
    expect(await found('http://localhost:3000', 0)).toMatchObject({ name: 'addresses', ok: true })
  })

  it('finds a connection that does not open, without its secret', async () => {
    const another = createSealer([{ id: 'another', bytes: Buffer.alloc(32, 1) }])
    const found = await check('connections', another)
    expect(found).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/one\.myshopify\.com topmail.*SLUICE_SECRETS_KEYS/),
    })
    expect(found?.detail).not.toContain(KEY)
  })

  it('finds a connection whose settings no longer fit', async () => {
    await pool().query(`update connections set settings = '{"createContacts":"often"}'`)
    expect(await check('connections')).toMatchObject({
      ok: false,
      detail: expect.stringContaining('createContacts'),
    })
  })

  it('finds what nobody takes out of the spool, and what could not be accepted', async () => {
    const spool = createSpool(pool(), sealer)
    const receivedAt = new Date(Date.now() - 6 * 60_000)
    const item = { kind: 'webhook' as const, receivedAt, facts: {}, raw: Buffer.from('{}') }
    await spool.keep('one.myshopify.com', { ...item, receivedAt: new Date() })
    expect(await check('spool')).toMatchObject({ ok: true })
    await spool.keep('one.myshopify.com', item)
    expect(await check('spool')).toMatchObject({
      ok: false,
      detail: expect.stringContaining('start a worker'),
    })
    await pool().query('truncate spool')
    await spool.keepFailed('one.myshopify.com', { item, why: 'It could not be.' })
    expect(await check('spool')).toMatchObject({
      ok: false,
      detail: expect.stringContaining('npm run sluice -- spool'),
    })
  })

  it('does not say that nothing waits to be accepted while something does', async () => {
    const spool = createSpool(pool(), sealer)
    const keep = (secondsAgo: number) => {
      const receivedAt = new Date(Date.now() - secondsAgo * 1000)
      return spool.keep('one.myshopify.com', {
        ...{ kind: 'webhook', receivedAt, facts: {}, raw: Buffer.from('{}') },
      })
    }
    await keep(40)
    await keep(1)
    expect(await check('spool')).toMatchObject({
      ok: true,
      detail: expect.stringMatching(/^2 requests wait to be accepted, the oldest since \d{4}-.*Z$/),
    })
    await keep(70)
    expect(await check('spool')).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/^3 requests wait .* since .*Z: start a worker/),
    })
    await pool().query('truncate spool')
    expect(await check('spool')).toEqual({ name: 'spool', ok: true, detail: 'nothing waits to be accepted' })
  })

  it('finds deliveries that no worker takes', async () => {
    await keepDelivery(pool(), shopId, { vendor: 'topmail', dueIn: -600 })
    expect(await check('workers')).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/^1 .*for more than 5 minutes; no worker .*SLUICE_ROLE/),
    })
  })

  it('tells a backlog, which a worker is at, from the want of a worker, and from a spool that it does not get through', async () => {
    const engine = await startEngine(test.url, createLog('silent'), true)
    try {
      const run = async () => {}
      await engine.work({ drain: run, chores: [{ name: 'sweep', everySeconds: 600, run }] })
      await keepDelivery(pool(), shopId, { vendor: 'topmail', dueIn: -600 })
      await expect
        .poll(() => check('workers'), { timeout: 10_000 })
        .toMatchObject({
          ok: true,
          detail: expect.stringMatching(/^1 deliveries .*; a worker was at work \d+ s ago$/),
        })
      // It said for days that all was well.
      const receivedAt = new Date(Date.now() - 11 * 60_000)
      const item = { kind: 'webhook' as const, receivedAt, facts: {}, raw: Buffer.from('{}') }
      await createSpool(pool(), sealer).keep('one.myshopify.com', item)
      expect(await check('spool')).toMatchObject({
        ok: false,
        detail: expect.stringContaining('a worker is at work and does not get through them'),
      })
      await pool().query('truncate spool')
    } finally {
      await engine.stop()
    }
    const back = `started_on = started_on - interval '10 minutes', heartbeat_on = null, completed_on = completed_on - interval '10 minutes'`
    await pool().query(`update pgboss.job set ${back} where name = 'sweep'`)
    expect(await check('workers')).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/no worker has been at work for 10 minutes: start a worker/),
    })
    await emptyTables(pool())
    expect(await check('workers')).toMatchObject({
      ok: true,
      detail: 'no delivery is overdue; no worker has been at work for 10 minutes',
    })
    await pool().query('drop schema pgboss cascade')
  })

  it('tells which lanes rest and which need attention, and fails for neither', async () => {
    await pool().query(
      `insert into circuits (key, open_until, rest_ms, opened_at, reason)
       values ($1, now() + interval '1 minute', 60000, now(), 'half of them failed')`,
      [`lane:${shopId}:topmail`],
    )
    expect(await check('lanes')).toMatchObject({
      ok: true,
      detail: expect.stringMatching(
        /^one\.myshopify\.com topmail rests until \S+Z because half of them failed \(/,
      ),
    })
    await pool().query('delete from circuits')
    await refuse(pool(), lane(), 'Wrong key.')
    expect(await check('lanes')).toMatchObject({
      ok: true,
      detail: expect.stringMatching(/^one\.myshopify\.com topmail needs attention: Wrong key\. \(/),
    })
    await pool().query('update connections set enabled = false')
    expect(await check('lanes')).toMatchObject({ ok: true, detail: 'none rests or waits for a person' })
  })

  it('leaves those that are late by little, held, or in a lane that pauses', async () => {
    await keepDelivery(pool(), shopId, { vendor: 'topmail', dueIn: -60 })
    await keepDelivery(pool(), shopId, { vendor: 'topmail', dueIn: -600, state: 'held' })
    expect(await check('workers')).toMatchObject({ ok: true })
    await keepDelivery(pool(), shopId, { vendor: 'topmail', dueIn: -600 })
    await pauseLane(pool(), lane(), new Date(Date.now() + 60_000))
    expect(await check('workers')).toMatchObject({ ok: true })
  })

  it('finds vendors that refuse their credentials', async () => {
    await refuse(pool(), lane(), 'Wrong key.')
    expect(await check('credentials')).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/^one\.myshopify\.com topmail: Wrong key\. \(".*vendor test"/),
    })
  })

  it.each([['update shops set uninstalled_at = now()'], ['update connections set enabled = false']])(
    'asks for nothing where a lane is meant to stand still: %s',
    async statement => {
      await refuse(pool(), lane(), 'Wrong key.')
      await pool().query(statement)
      expect(await check('credentials')).toMatchObject({ ok: true })
    },
  )

  it('finds deliveries that are held in an open lane, and counts the dead', async () => {
    await keepDelivery(pool(), shopId, { vendor: 'topmail', state: 'dead' })
    expect(await check('deliveries')).toMatchObject({
      ok: true,
      detail: expect.stringContaining('1 are dead'),
    })
    await keepDelivery(pool(), shopId, { vendor: 'topmail', state: 'held' })
    expect(await check('deliveries')).toMatchObject({ ok: false })
    await pool().query('update connections set enabled = false')
    expect(await check('deliveries')).toMatchObject({ ok: true })
  })

  it('names the alerts that are open', async () => {
    await pool().query(
      `insert into alerts (shop_id, vendor, kind, opened_at, level, since, message, resolved_at)
       values ($1, 'topmail', 'giving_up', now(), 70, now(), 'x', null), ($1, 'topmail', 'waiting', now(), 100, now(), 'x', now())`,
      [shopId],
    )
    expect(await check('alerts')).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/^one\.myshopify\.com topmail: failing, 70 %[^;]*$/),
    })
  })

  it('names what Shopify has asked to be erased and is not, and where to look', async () => {
    const open = (id: string, trouble: string | null) =>
      pool().query(
        `insert into privacy_requests (shop_id, webhook_id, topic, subject, received_at, trouble)
         values ($1, $2, 'customers/redact', 'sealed', now() - interval '25 hours', $3)`,
        [shopId, id, trouble],
      )
    await open('one', 'It was sealed with a key that is not configured.')
    await open('other', null)
    const { ok, detail } = (await check('privacy')) ?? {}
    expect(ok).toBe(false)
    expect(detail).toMatch(
      /one\.myshopify\.com: customers\/redact of .* a key that is not configured\.; .*in the spool for long/,
    )
  })
})
