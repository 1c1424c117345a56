/** Every command that changes something is in the audit. A command that is added is named here, or this fails. */
import { hostname } from 'node:os'
import type { Command } from 'commander'
import { afterAll, beforeAll, describe, expect, it, type MockInstance, vi } from 'vitest'
import { createProgram, run } from '../../app/cli/program.ts'
import { type TestDatabase, testDatabase } from '../../app/db/testing.ts'
import { keepDelivery, settledOrBlocked } from '../../app/delivery/testing.ts'
import { type AuditLine, auditPage } from '../../app/insights/audit.ts'
import type { AuditAction } from '../../app/support/audit.ts'
import { SEALING_KEY, SECRET } from '../support/app.ts'

const SHOP = 'audited.myshopify.com'
const LANE = [SHOP, 'ecomail']
const EVENT = '01930000-0000-7000-8000-000000000001'

/** They only look. */
const READING = [
  'shops',
  'shop show',
  'pixel show',
  'vendor show',
  'events',
  'deliveries',
  'explain',
  'spool',
  'lanes',
  'alerts',
  'audit',
  'doctor',
  'support list',
  'keys show',
  'fleet list',
]

/** In an order in which each finds what it changes. Null: it writes its entry, which its own tests say. */
const CHANGING: readonly (readonly [command: string, args: readonly string[], action: AuditAction | null])[] =
  [
    ['shop add', [SHOP], 'shop_add'],
    [
      'shop set',
      [SHOP, '--abandoned-after', '90', '--release-within', '3', '--person-wait', '12'],
      'shop_set',
    ],
    ['shop rotate-key', [SHOP], 'shop_key'],
    ['pixel activate', [SHOP], 'pixel_activate'],
    ['vendor connect', [...LANE, '--set', 'apiKey=never-shown-0123456789'], 'vendor_connect'],
    ['vendor test', LANE, 'vendor_test'],
    ['vendor off', LANE, 'vendor_off'],
    ['vendor on', LANE, 'vendor_on'],
    ['vendor hold', [...LANE, '--reason', 'An outage'], 'hold'],
    ['vendor release', [...LANE, '--reason', 'They are back'], 'release'],
    ['lane resume', LANE, 'lane_resume'],
    ['replay', [SHOP, '--event', EVENT, '--state', 'dead', '--reason', 'They asked'], 'replay'],
    ['vendor disconnect', LANE, 'vendor_disconnect'],
    ['spool', ['--retry'], 'spool_retry'],
    ['support add', ['op@example.com', '--role', 'agent'], 'account_add'],
    ['support role', ['op@example.com', 'viewer'], 'account_role'],
    ['support reset', ['op@example.com'], 'account_reset'],
    ['support unlock', ['op@example.com'], 'account_unlock'],
    ['support disable', ['op@example.com'], 'account_disable'],
    ['support enable', ['op@example.com'], 'account_enable'],
    ['support sessions', ['op@example.com'], null],
    ['keys rotate', [], 'keys_rotate'],
  ]

/** They need an action that runs: app/delivery/fleet.test.ts and fleet-turns.test.ts say what they write. */
const OF_THE_FLEET = ['fleet hold', 'fleet release', 'fleet stop', 'fleet resume']

let test: TestDatabase
let log: MockInstance<typeof console.log>
let written: MockInstance<typeof process.stdout.write>
const environment = { ...process.env }

beforeAll(async () => {
  test = await testDatabase()
  Object.assign(process.env, {
    DATABASE_URL: test.url,
    SLUICE_SECRETS_KEYS: SEALING_KEY,
    SHOPIFY_API_KEY: 'key-of-the-app',
    SHOPIFY_API_SECRET: SECRET,
    SHOPIFY_APP_URL: 'https://sluice.example.com',
    ECOMAIL_BASE_URL: 'http://127.0.0.1:1',
  })
  log = vi.spyOn(console, 'log').mockImplementation(() => {})
  written = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
})
afterAll(async () => {
  process.env = environment
  process.exitCode = undefined
  vi.restoreAllMocks()
  await test.drop()
})

function leaves(command: Command, names: readonly string[] = []): string[] {
  if (command.commands.length === 0) return [names.join(' ')]
  return command.commands.flatMap(each => leaves(each, [...names, each.name()]))
}

const newest = async (): Promise<AuditLine | undefined> =>
  (await auditPage(test.database.pool, {}, null, 1)).lines[0]

it('each command is known to change something or to look only', () => {
  const known = [...new Set([...READING, ...OF_THE_FLEET, ...CHANGING.map(([command]) => command)])]
  expect(leaves(createProgram(false)).sort()).toEqual(known.sort())
})

describe('in the audit', () => {
  it.each(CHANGING)('stands %s', async (command, args, action) => {
    const before = await newest()
    const wrong = await run([...command.split(' '), ...args])
    if (command !== 'pixel activate') expect(wrong).toBeNull()
    if (action === null) return
    const entry = await newest()
    expect(entry?.id).not.toBe(before?.id)
    expect(entry).toMatchObject({ action, role: null, address: hostname() })
    expect(entry?.actor).toMatch(/^command line: \S+$/)
    expect(entry?.shop).toBe(/^(spool|support|keys)/.test(command) ? null : SHOP)
    expect(entry?.vendor).toBe(args[1] === 'ecomail' ? 'ecomail' : null)
  })

  it('stands what was changed, and no secret', async () => {
    const { lines } = await auditPage(test.database.pool, { shop: SHOP }, null)
    const of = (action: string) => lines.find(line => line.action === action)
    expect(of('shop_set')).toMatchObject({
      before: { abandonedAfterMinutes: 60, releaseWithinDays: 7, personWaitHours: 24 },
      after: { abandonedAfterMinutes: 90, releaseWithinDays: 3, personWaitHours: 12 },
    })
    expect(of('vendor_off')).toMatchObject({ before: { on: true }, after: { on: false } })
    expect(of('replay')).toMatchObject({
      ...{ subject: EVENT, reason: 'They asked' },
      after: { states: ['dead'] },
    })
    expect(of('vendor_connect')?.after).toHaveProperty('apiKey', expect.stringContaining('6789'))
    expect(JSON.stringify(lines)).not.toContain('never-shown')
  })
})

it('a disconnection that a hold stopped is in the audit with what it gave up', async () => {
  const { pool } = test.database
  const connect = ['vendor', 'connect', ...LANE, '--set', 'apiKey=never-shown-0123456789']
  expect(await run(connect)).toBeNull()
  const { rows } = await pool.query<{ id: number }>('select id from shops where domain = $1', [SHOP])
  await keepDelivery(pool, rows[0]?.id ?? 0, { vendor: 'ecomail', state: 'pending' })
  const support = await pool.connect()
  await support.query('begin')
  await support.query('savepoint busy')
  await support.query('select from deliveries for update')
  const going = run(['vendor', 'disconnect', ...LANE])
  await settledOrBlocked(pool, going)
  await support.query('rollback to busy')
  await support.query('select from connections for share')
  const givenUp = `select from deliveries where reason = 'disconnected'`
  await expect.poll(async () => (await pool.query(givenUp)).rowCount).toBe(1)
  await settledOrBlocked(pool, going)
  await support.query(`update connections set hold_reason = 'An outage', hold_since = now()`)
  await support.query('commit')
  support.release()
  expect((await going)?.message).toContain('1 waiting delivery was given up')
  expect(await newest()).toMatchObject({
    action: 'vendor_give_up',
    shop: SHOP,
    after: { connected: true, deliveries: 1 },
  })
})

it('a change that fails leaves no entry', async () => {
  const before = await newest()
  expect(await run(['vendor', 'on', SHOP, 'topmail'])).not.toBeNull()
  expect(await run(['shop', 'set', SHOP])).not.toBeNull()
  expect(await newest()).toEqual(before)
})

it.each(READING)('%s leaves no entry', async command => {
  const before = await newest()
  const args =
    command === 'explain'
      ? [SHOP, EVENT]
      : /^(\w+ show|events|deliveries)$/.test(command) && command !== 'keys show'
        ? [SHOP]
        : []
  await run([...command.split(' '), ...args, ...(command === 'vendor show' ? ['ecomail'] : [])])
  expect(await newest()).toEqual(before)
})

it('a shop that is added again is in the audit where that changed something, with what was before', async () => {
  const { pool } = test.database
  const before = await newest()
  expect(await run(['shop', 'add', SHOP])).toBeNull()
  expect(log.mock.calls.at(-1)?.[0]).toBe(`${SHOP} is installed already; nothing was changed.`)
  expect(await newest()).toEqual(before)
  const gone = '2026-01-01T00:00:00.000Z'
  await pool.query('update shops set uninstalled_at = $2 where domain = $1', [SHOP, gone])
  expect(await run(['shop', 'add', SHOP])).toBeNull()
  expect(await newest()).toMatchObject({
    ...{ action: 'shop_add', shop: SHOP },
    before: { uninstalledAt: gone },
    after: { uninstalledAt: null },
  })
})

it('is shown by a command, by shop, person, action and age', async () => {
  const shown = async (...args: string[]) => {
    written.mockClear()
    expect(await run(['audit', '--json', ...args])).toBeNull()
    return JSON.parse(written.mock.calls.map(([text]) => text).join('')) as {
      action: string
      actor: string
    }[]
  }
  const all = await shown()
  expect(all.at(-1)).toMatchObject({ action: 'shop_add' })
  expect(await shown('--limit', '2')).toEqual(all.slice(0, 2))
  expect((await shown('--shop', SHOP.toUpperCase())).some(({ action }) => action === 'spool_retry')).toBe(
    false,
  )
  expect((await shown('--action', 'shop_key')).map(({ action }) => action)).toEqual(['shop_key'])
  expect(await shown('--actor', all[0]?.actor ?? '')).toEqual(all)
  expect(await shown('--actor', 'nobody')).toEqual([])
  expect(await shown('--since', '1h')).toEqual(all)
})
