/** The audit by the command line: what its page can be asked, and all of it. */
import { beforeAll, describe, expect, it } from 'vitest'
import { writeAudit } from '../../app/support/audit.ts'
import { runCommand } from '../support/command-line.ts'
import { runningApp } from '../support/fresh-app.ts'

const { app } = runningApp()
const JANE = { actor: 'jane@example.com', role: 'agent', address: null } as const
/** More than a listing may be limited to. */
const MANY = 10_500
const sluice = (...args: string[]) => runCommand(app, ['audit', ...args])
const json = async (...args: string[]) => JSON.parse((await sluice(...args, '--json')).out)

beforeAll(async () => {
  const { pool } = app.server.services
  await pool.query(
    `insert into audit_entries (at, actor, action, reason) select now() - interval '1 day', 'busy', 'replay', 'n ' || n from generate_series(1, $1::int) n`,
    [MANY],
  )
  await writeAudit(pool, JANE, [
    { action: 'hold', shop: 'a.myshopify.com', vendor: 'ecomail', reason: 'Their 50% outage' },
    { action: 'hold', shop: 'a.myshopify.com', vendor: 'alana', reason: 'Ours' },
  ])
})

describe('it is asked for as on its page', () => {
  it.each([
    [['--vendor', 'alana'], ['Ours']],
    [['--reason', '50% OUT'], ['Their 50% outage']],
    [
      ['--actor', JANE.actor],
      ['Ours', 'Their 50% outage'],
    ],
    [['--until', '12h', '--limit', '1'], [`n ${MANY}`]],
    [['--vendor', 'topmail'], []],
  ])('%j', async (args, reasons) => {
    const found = (await json(...args)) as { reason: string }[]
    expect(found.map(({ reason }) => reason)).toEqual(reasons)
  })

  it('by a vendor that there is', async () => {
    expect((await sluice('--vendor', 'mailchimp')).err).toContain('the vendors are ecomail')
  })
})

describe('all of it', () => {
  it('is listed, as text and as JSON, beyond ten thousand', async () => {
    expect((await sluice('--action', 'replay')).out.trim().split('\n')).toHaveLength(101)
    expect((await sluice('--action', 'replay', '--all')).out.trim().split('\n')).toHaveLength(MANY + 1)
    const all = (await json('--action', 'replay', '--all')) as { id: string }[]
    expect(new Set(all.map(({ id }) => id)).size).toBe(MANY)
    expect((await sluice('--vendor', 'topmail', '--all')).out).toBe('The audit has no such entry.\n')
  })

  it('is taken as a file of lines, which is an entry itself', async () => {
    const { out } = await sluice('--jsonl', '--reason', 'n 1 jo.doe@example.com')
    expect(out).toBe('')
    const lines = (await sluice('--jsonl', '--action', 'replay')).out.trim().split('\n')
    expect(lines).toHaveLength(MANY)
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ action: 'replay', reason: `n ${MANY}` })
    const [newest, before] = await json('--limit', '2')
    expect(newest).toMatchObject({ action: 'export', subject: 'audit', after: { actions: ['replay'] } })
    expect(newest.actor).toMatch(/^command line: /)
    expect(JSON.stringify(before)).not.toContain('jo.doe@')
  })
})
