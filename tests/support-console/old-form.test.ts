/** A page of the console that was opened before an upgrade and is sent after it. */
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { SHOP, startApp, type TestApp } from '../support/app.ts'
import { runCommand } from '../support/command-line.ts'
import { type ConsolePeople, consoleOf } from '../support/console.ts'

let app: TestApp
let people: ConsolePeople
beforeAll(async () => {
  app = await startApp({ env: { SHOPIFY_APP_URL: 'http://127.0.0.1' } })
  people = await consoleOf(app)
  await app.connect('voucherify')
})
afterAll(() => app?.close())
beforeEach(async () => {
  await app.test.database.pool.query('truncate support_throttle')
  await runCommand(app, ['vendor', 'hold', SHOP, 'voucherify', '--reason', 'They count twice.'])
})

const REASON = 'Jane of theirs said so.'
const WITHIN = { timeout: 20_000 }
const SAID = { merchantReads: 'yes' }
const OF_ONE = [`/support/shops/${SHOP}`, { intent: 'release', vendor: 'voucherify' }] as const
const OF_ALL = ['/support/fleet?index', { kind: 'release', vendor: 'voucherify', shops: '' }] as const

/** @returns `after` of the shop's release */
async function released([path, form]: typeof OF_ONE | typeof OF_ALL, said: Record<string, string>) {
  const { pool } = app.test.database
  const { rows: before } = await pool.query('select max(id) as id from audit_entries')
  const body = new URLSearchParams({ ...form, ...said, reason: REASON })
  const answer = await people.ask(await people.signedIn('agent'), path, { method: 'POST', body })
  expect(answer.status).toBeLessThan(400)
  return vi.waitFor(async () => {
    const { rows } = await pool.query(
      `select reason, after from audit_entries where action = 'release' and shop = $1 and id > $2`,
      [SHOP, before[0].id],
    )
    expect(rows).toMatchObject([{ reason: REASON }])
    return rows[0].after
  }, WITHIN)
}

it.each([
  ['of one shop', OF_ONE],
  ['of the fleet', OF_ALL],
])('a reason typed as one for the audit alone was told to the merchant: a release %s', async (_, form) => {
  expect(await released(form, {})).toBeNull()
})

it.each([
  ['of one shop', OF_ONE],
  ['of the fleet', OF_ALL],
])('a release %s by a form that says that the merchant reads the reason is told', async (_, form) => {
  expect(await released(form, SAID)).toEqual({ merchantReads: true })
})
