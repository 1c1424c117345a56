import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestDatabase, testDatabase } from '../db/testing.ts'
import { type AuditEntry, writeAudit } from '../support/audit.ts'
import {
  type AuditFilter,
  type AuditLine,
  auditActors,
  auditEntries,
  auditPage,
  leavesShopsOut,
} from './audit.ts'

const JANE = { actor: 'jane@example.com', role: 'agent', address: '192.0.2.7' } as const
const OPERATOR = { actor: 'command line: op', role: null, address: null }
let test: TestDatabase

beforeAll(async () => {
  test = await testDatabase()
  const entry = (n: number): AuditEntry => ({
    action: n % 2 ? 'hold' : 'release',
    shop: `s${n % 3}.myshopify.com`,
    vendor: n % 5 ? 'ecomail' : 'alana',
    reason: n === 7 ? 'Outage of 100% since_noon' : `number ${n}`,
  })
  for (let n = 0; n < 30; n++) await writeAudit(test.database.pool, n % 4 ? JANE : OPERATOR, [entry(n)])
})
afterAll(() => test.drop())

const page = (filter: AuditFilter, ...more: [Parameters<typeof auditPage>[2]?, number?, number?]) =>
  auditPage(test.database.pool, filter, more[0] ?? null, more[1], more[2])
const reasons = (lines: readonly AuditLine[]) => lines.map(({ reason }) => reason)

it('an entry of before half of a key pair was masked is shown with it masked', async () => {
  const after = { appId: 'a1d0c0de-0000-4000-8000-00000000b10e', appToken: '…aaaa', region: 'eu' }
  const entry = {
    action: 'vendor_connect',
    shop: 'set.myshopify.com',
    vendor: 'voucherify',
    before: null,
    after,
  } as const
  const other = await testDatabase()
  await writeAudit(other.database.pool, OPERATOR, [entry])
  const { lines } = await auditPage(other.database.pool, {}, null)
  await other.drop()
  expect(lines[0]).toMatchObject({ before: null, after: { ...after, appId: '…b10e' } })
})

describe('a page of the audit', () => {
  it('begins with the newest, and is all there is', async () => {
    const { lines, newer, older, lookedBackTo } = await page({})
    expect(lines).toHaveLength(30)
    expect(lines[0]).toMatchObject({ ...JANE, action: 'hold', shop: 's2.myshopify.com', reason: 'number 29' })
    expect([newer, older, lookedBackTo]).toEqual([null, null, null])
  })

  it('leads to older pages and back, each entry once', async () => {
    const first = await page({}, null, 12)
    const second = await page({}, first.older, 12)
    const third = await page({}, second.older, 12)
    const all = reasons([...first.lines, ...second.lines, ...third.lines])
    expect(all).toEqual(reasons((await page({})).lines))
    expect([first.newer, third.older]).toEqual([null, null])
    expect((await page({}, third.newer, 12)).lines).toEqual(second.lines)
    const back = await page({}, second.newer, 12)
    expect(back.lines).toEqual(first.lines)
    expect(back.newer).toBeNull()
  })

  it.each<[AuditFilter, number]>([
    [{ actor: 'jane@example.com' }, 22],
    [{ actor: 'jane' }, 0],
    [{ actions: ['hold'] }, 15],
    [{ actions: ['hold', 'release'] }, 30],
    [{ shop: 's1.myshopify.com' }, 10],
    [{ shop: 's1.myshopify.com', actions: ['hold'], actor: 'jane@example.com' }, 5],
    [{ vendor: 'alana' }, 6],
    [{ reason: '100% SINCE_' }, 1],
    [{ reason: '%' }, 1],
    [{ reason: '_oon' }, 0],
    [{ since: new Date(Date.now() - 3600_000) }, 30],
    [{ since: new Date(Date.now() + 3600_000) }, 0],
    [{ until: new Date(Date.now() - 3600_000) }, 0],
    [{ since: new Date(0), until: new Date(Date.now() + 3600_000) }, 30],
  ])('%j finds %i', async (filter, count) => {
    expect((await page(filter)).lines).toHaveLength(count)
  })

  it('looks at so many candidates and says how far back, and the next page goes on from there', async () => {
    const found: (string | null)[] = []
    let pages = 0
    for (let place: Parameters<typeof auditPage>[2] | undefined = null; place !== undefined; pages++) {
      const { lines, older, lookedBackTo } = await page({ reason: 'number 1' }, place, 50, 8)
      found.push(...reasons(lines))
      if (older) expect(lookedBackTo).toBeInstanceOf(Date)
      place = older ?? undefined
    }
    expect(pages).toBe(4)
    expect(found).toEqual([19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 1].map(n => `number ${n}`))
  })

  it('leads back from where nothing was found', async () => {
    const empty = await page({ reason: 'number 1' }, null, 50, 8)
    expect(empty.lines).toEqual([])
    const next = await page({ reason: 'number 1' }, empty.older, 50, 8)
    expect(next.newer).not.toBeNull()
  })
})

it('goes through everything that a filter finds, up to an entry', async () => {
  const all = (await page({ actions: ['hold'] })).lines
  const steps: AuditLine[][] = []
  for await (const some of auditEntries(test.database.pool, { actions: ['hold'] }, all[2]?.id ?? null, 5))
    steps.push(some)
  expect(steps.map(({ length }) => length)).toEqual([5, 5, 2])
  expect(steps.flat()).toEqual(all.slice(3))
})

describe('entries of each shop of a fleet action', () => {
  const FLEET = '01930000-0000-7000-8000-00000000f1ee'
  const fleet = testDatabase()
  beforeAll(async () => {
    const { pool } = (await fleet).database
    const about = { vendor: 'ecomail', subject: FLEET, reason: 'Their outage' }
    await writeAudit(pool, JANE, [
      { action: 'hold', shop: 'own.myshopify.com', vendor: 'ecomail', reason: 'Its own' },
      { action: 'fleet_hold', ...about, after: { shops: 40 } },
      ...Array.from({ length: 40 }, (_, n) => ({
        ...{ action: 'hold' as const, shop: `s${n}.myshopify.com`, ...about },
      })),
      { action: 'reveal', shop: 's1.myshopify.com', subject: FLEET.replace('f1ee', 'e1e1') },
    ])
  })
  afterAll(async () => (await fleet).drop())
  const found = async (filter: AuditFilter, most = 100, looked = 20) => {
    const { lines, lookedBackTo } = await auditPage((await fleet).database.pool, filter, null, most, looked)
    return { actions: lines.map(({ action }) => action), lookedBackTo }
  }

  it.each<[AuditFilter]>([[{}], [{ actor: JANE.actor }], [{ vendor: undefined }]])(
    'are left out by %j, and are not looked at one by one',
    async filter => {
      expect(leavesShopsOut(filter)).toBe(true)
      expect(await found(filter)).toEqual({ actions: ['reveal', 'fleet_hold', 'hold'], lookedBackTo: null })
    },
  )

  it.each<[AuditFilter, number]>([
    [{ eachShop: true }, 43],
    [{ fleet: FLEET }, 41],
    [{ actions: ['hold'] }, 41],
    [{ shop: 's1.myshopify.com' }, 2],
    [{ fleet: FLEET, shop: 's1.myshopify.com' }, 1],
  ])('are there with %j', async (filter, count) => {
    expect(leavesShopsOut(filter)).toBe(false)
    expect((await found(filter, 100, 1_000)).actions).toHaveLength(count)
  })

  it('are found by an index, and so is what is left without them', async () => {
    const { pool } = (await fleet).database
    const plan = async (condition: string, by = 'id') => {
      const client = await pool.connect()
      try {
        await client.query('begin; set local enable_seqscan = off; set local enable_sort = off')
        const { rows } = await client.query(
          `explain select * from audit_entries where ${condition} order by ${by} desc limit 50`,
        )
        return rows.map(row => row['QUERY PLAN']).join('\n')
      } finally {
        await client.query('rollback')
        client.release()
      }
    }
    const plain = "(action not in ('hold', 'release') or subject is null)"
    expect(await plan(`subject = '${FLEET}'`)).toContain('audit_entries_subject_id_idx')
    expect(await plan(`true and ${plain}`)).toContain('audit_entries_plain_idx')
    expect(await plan(`actor = 'jane@example.com' and ${plain}`)).toContain('audit_entries_plain_actor_idx')
  })
})

it('names who is in it', async () => {
  expect(await auditActors(test.database.pool)).toEqual(['command line: op', 'jane@example.com'])
  expect(await auditActors(test.database.pool, 1)).toEqual(['command line: op'])
})

it('finds by time what a long transaction wrote late', async () => {
  const fresh = await testDatabase()
  const { pool } = fresh.database
  const noon = Date.parse('2026-01-10T12:00:00Z')
  const minutes = [-300, -61, -1, 20, 0, 30, 1, 90, 400]
  try {
    for (const each of minutes)
      await pool.query(`insert into audit_entries (at, actor, action) values ($1, 'late', 'hold')`, [
        new Date(noon + each * 60_000),
      ])
    const { lines } = await auditPage(
      pool,
      { since: new Date(noon), until: new Date(noon + 25 * 60_000) },
      null,
    )
    expect(lines.map(({ at }) => (at.getTime() - noon) / 60_000)).toEqual([1, 0, 20])
  } finally {
    await fresh.drop()
  }
})
