/** `sluice fleet`, as an operator calls it; no worker runs beside it. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { waitingForLocks } from '../../app/db/testing.ts'
import { beginFleet, type FleetOrder } from '../../app/delivery/fleet.ts'
import { fleetFilterSchema } from '../../app/delivery/fleet-filter.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { runCommand, startCommand } from '../support/command-line.ts'

const OUTAGE = 'Their servers are down.'
const BY = { actor: 'agent@example.com', role: 'agent', address: null } as const
let app: TestApp
const sluice = (...args: string[]) => runCommand(app, ['fleet', ...args])
const json = async (...args: string[]) =>
  JSON.parse((await runCommand(app, ['--json', 'fleet', ...args])).out)
const rows = async (sql: string) => (await app.server.services.pool.query(sql)).rows
const holdReason = async () => (await rows('select hold_reason from connections'))[0].hold_reason

beforeAll(async () => {
  app = await startApp({ env: { SLUICE_ROLE: 'web' } })
  await app.connect('ecomail')
})
afterAll(() => app?.close())

it('says what a hold would come to, and changes nothing without --yes', async () => {
  const { out, code } = await sluice('hold', 'ecomail', '--reason', OUTAGE)
  expect(out).toContain('Ecomail: 1 shop fits. 1 of them will be held.')
  expect(out).toContain('add --yes')
  expect([code, await holdReason()]).toEqual([0, null])
})

it('holds, lists and releases, in the name of the system’s user', async () => {
  const held = await json('hold', 'ecomail', '--reason', OUTAGE, '--shops', 'Test-Shop', '--yes')
  expect(held).toMatchObject({ state: 'done', total: 1, changed: 1, filter: { shops: 'test-shop' } })
  expect(await holdReason()).toBe(OUTAGE)
  expect((await sluice('list')).out).toContain(held.id)
  const { out } = await sluice(
    'release',
    'ecomail',
    '--reason',
    'They are back.',
    '--held-for',
    OUTAGE,
    '--yes',
  )
  expect(out).toContain('done: 1 of 1 shop seen to, 1 released')
  expect(await holdReason()).toBeNull()
  const audit = await rows('select actor, action, role from audit_entries order by id')
  expect(audit.map(({ action }) => action)).toEqual(['fleet_hold', 'hold', 'fleet_release', 'release'])
  for (const { actor } of audit) expect(actor).toMatch(/^command line: .+/)
  const told = async (...args: string[]) =>
    JSON.parse((await runCommand(app, ['--json', 'audit', ...args])).out).map(
      ({ action }: { action: string }) => action,
    )
  expect(await told()).toEqual(['fleet_release', 'fleet_hold'])
  expect(await told('--each-shop')).toEqual(['release', 'fleet_release', 'hold', 'fleet_hold'])
  expect(await told('--fleet', held.id)).toEqual(['hold', 'fleet_hold'])
}, 90_000)

it('stops what is running, and lets it go on', async () => {
  const filter = fleetFilterSchema.parse({})
  const order: FleetOrder = { kind: 'hold', vendor: 'ecomail', filter, reason: OUTAGE, until: null }
  const id = await beginFleet(app.server.services.pool, BY, order)
  expect((await sluice('stop', id)).out).toContain('stopped: 0 of 1')
  expect((await sluice('stop', id)).err).toContain(`${id} is not running: it is stopped.`)
  expect((await sluice('stop', 'nothing')).err).toContain('There is nothing of the id nothing')
  expect(await holdReason()).toBeNull()
  expect(await json('resume', id)).toMatchObject({ id, state: 'done', changed: 1 })
  expect(await holdReason()).toBe(OUTAGE)
  expect((await sluice('list')).out).toMatch(
    /agent@example\.com, stopped by command line: \S+, resumed by command line: /,
  )
}, 90_000)

it.each([
  ['stop', 'running', 'done', 'is not running: it is done.'],
  ['resume', 'stopped', 'done', 'was not stopped: it is done.'],
])(
  '%s of one that has just ended told how it was before: "is not running: it is running"',
  async (what, state, after, told) => {
    const pool = app.server.services.pool
    const id = randomUUID()
    await pool.query(
      `insert into fleet_actions (id, action, vendor, filter, reason, actor, state, total) values ($1, 'hold', 'alana', '{}', 'Outage.', 'x', $2, 0)`,
      [id, state],
    )
    const client = await pool.connect()
    try {
      await client.query('begin')
      await client.query('update fleet_actions set state = $2 where id = $1', [id, after])
      const ran = sluice(what, id)
      await expect.poll(() => waitingForLocks(pool), { timeout: 20_000 }).toBeGreaterThan(0)
      await client.query('commit')
      expect((await ran).err).toContain(`${id} ${told}`)
    } finally {
      client.release(true)
    }
  },
  60_000,
)

it('that is broken off by Ctrl-C says that it goes on, and how it is stopped', async () => {
  const pool = app.server.services.pool
  await pool.query('update connections set hold_reason = null, hold_since = null')
  const client = await pool.connect()
  try {
    // Its first step waits for this.
    await client.query('begin; select from connections for update')
    const { child, ran } = startCommand(app, ['fleet', 'hold', 'ecomail', '--reason', OUTAGE, '--yes'])
    await expect.poll(() => waitingForLocks(pool), { timeout: 20_000 }).toBeGreaterThan(0)
    child.kill('SIGINT')
    await client.query('rollback')
    const { err, out, code } = await ran
    const [{ id, state }] = await rows('select id, state from fleet_actions order by created_at desc limit 1')
    expect([code, state]).toEqual([130, 'running'])
    expect(out).toContain(`${id}: hold of ecomail, running`)
    expect(err).toContain(`(${id} has begun: "npm run sluice -- fleet stop ${id}" stops it, Ctrl-C does not)`)
    expect(err).toContain(`(workers go on with ${id}: only "npm run sluice -- fleet stop ${id}" stops it)`)
    expect((await sluice('stop', id)).code).toBe(0)
  } finally {
    client.release(true)
  }
}, 60_000)

it.each([
  [['hold', 'nobody', '--reason', OUTAGE], 'There is no vendor'],
  [['hold', 'ecomail'], '--reason'],
  [['hold', 'ecomail', '--reason', OUTAGE, '--state', 'broken'], 'It must be one of ok'],
  [['hold', 'ecomail', '--reason', OUTAGE, '--state', 'held'], 'support does not hold yet'],
  [['hold', 'ecomail', '--reason', OUTAGE, '--shops', 'nowhere', '--yes'], 'no shop that this would change'],
  [['hold', 'ecomail', '--reason', OUTAGE, '--until', '2020-01-01', '--yes'], 'still to come'],
])('refuses %j with a sentence', async (args, sentence) => {
  const { err, code } = await sluice(...args)
  expect([err.includes(sentence), code]).toEqual([true, 1])
})
