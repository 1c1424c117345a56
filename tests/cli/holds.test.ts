/** `sluice vendor hold|release` and `sluice shops`, as an operator calls them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startApp, type TestApp } from '../support/app.ts'
import { runCommand } from '../support/command-line.ts'

const OUTAGE = 'Their servers are down.'
let app: TestApp
let shop: string
const sluice = (...args: string[]) => runCommand(app, args)
const rows = async (sql: string) => (await app.server.services.pool.query(sql)).rows

beforeAll(async () => {
  app = await startApp({ env: { SLUICE_ROLE: 'web' } })
  await app.connect('ecomail')
  shop = (await rows('select domain from shops'))[0].domain
})
afterAll(() => app?.close())

describe('a hold', () => {
  const hold = (...more: string[]) => sluice('vendor', 'hold', shop, 'ecomail', ...more)

  it('of what is held already takes its place, and says of which hold', async () => {
    expect((await hold('--reason', OUTAGE)).out).toMatch(/is on hold for \S+; 0 deliveries are held\n$/)
    const { out, code } = await hold('--reason', 'Another.', '--until', '2h')
    expect([code, out]).toEqual([0, expect.stringContaining('; 0 deliveries are held')])
    expect(out).toMatch(
      /takes the place of the hold since \S+Z and until it is released, by command line: .+: "Their servers/,
    )
    expect((await rows('select hold_reason, hold_until from connections'))[0]).toEqual({
      ...{ hold_reason: 'Another.', hold_until: expect.any(Date) },
    })
    const again = JSON.parse((await hold('--reason', 'Another.', '--json')).out)
    expect(again).toMatchObject({ held: true, until: null, replaced: { reason: 'Another.' } })
    const audit = await rows("select before, after from audit_entries where action = 'hold' order by id")
    expect(audit).toMatchObject([
      { before: null, after: { reason: OUTAGE } },
      { before: { reason: OUTAGE }, after: { reason: 'Another.' } },
      { before: { until: expect.any(String) }, after: { until: null } },
    ])
  }, 60_000)

  it('is released with a reason, for the audit', async () => {
    const { err, code } = await sluice('vendor', 'release', shop, 'ecomail')
    expect([code, err]).toEqual([1, expect.stringContaining('--reason')])
    const { out } = await sluice('vendor', 'release', shop, 'ecomail', '--reason', 'They are back.')
    expect(out).toContain('0 held deliveries go out now')
    const [entry] = await rows("select reason from audit_entries where action = 'release'")
    expect(entry.reason).toBe('They are back.')
  }, 60_000)
})

describe('a count', () => {
  it('of one delivery is in the singular', async () => {
    await rows(
      `insert into events (shop_id, id, type, source, dedupe_key, occurred_at, received_at, consent, data)
       select id, uuidv7(), 'order_created', 'webhook', 'one', now(), now(), '{}', '{}' from shops where domain = '${shop}'`,
    )
    await rows(
      `insert into deliveries (shop_id, event_id, vendor, state, done, due_at, created_at, updated_at)
       select shop_id, id, 'ecomail', 'pending', '{}', now(), now(), now() from events`,
    )
    expect((await sluice('vendor', 'off', shop, 'ecomail')).out).toContain('1 waiting delivery is held')
    expect((await sluice('vendor', 'on', shop, 'ecomail')).out).toContain(
      '1 held delivery is looked at anew and goes out now (what consent or settings forbid, or a newer state has replaced, is skipped)',
    )
    await sluice('vendor', 'hold', shop, 'ecomail', '--reason', OUTAGE)
    await sluice('vendor', 'off', shop, 'ecomail')
    const release = ['vendor', 'release', shop, 'ecomail', '--reason', 'They are back.']
    expect((await sluice(...release)).out).toMatch(
      /0 held deliveries go out now\n1 held delivery stays held all the same: .*switched off/,
    )
    await sluice('vendor', 'hold', shop, 'ecomail', '--reason', OUTAGE)
    expect(JSON.parse((await sluice(...release, '--json')).out)).toMatchObject({
      ...{ deliveries: 0, expired: 0 },
      stay: { reason: 'off', deliveries: 1 },
    })
    expect((await sluice('vendor', 'disconnect', shop, 'ecomail')).out).toContain(
      '1 waiting delivery was given up',
    )
  }, 60_000)
})

describe('the list of shops', () => {
  it('says that more follow and how it goes on, to the last', async () => {
    await rows(
      "insert into shops (domain) select 'many-' || lpad(n::text, 4, '0') || '.myshopify.com' from generate_series(1, 1001) n",
    )
    const list = async (...args: string[]) => {
      const { out, err } = await sluice('--json', 'shops', '--query', 'many-', ...args)
      return { domains: JSON.parse(out).map((each: { domain: string }) => each.domain), err }
    }
    const first = await list()
    expect(first.domains).toHaveLength(1_000)
    expect(first.err).toContain('More shops follow')
    expect(first.err).toContain('shops --query "many-" --after many-1000.myshopify.com')
    const rest = await list('--after', 'many-1000.myshopify.com')
    expect(rest).toEqual({ domains: ['many-1001.myshopify.com'], err: '' })
    const few = await list('--limit', '2')
    expect(few.domains).toEqual(['many-0001.myshopify.com', 'many-0002.myshopify.com'])
    expect(few.err).toContain('--limit 2 --after many-0002.myshopify.com')
  }, 60_000)
})
