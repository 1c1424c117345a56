/** The audit's page and file. */
import { createHash } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { MOST_LOOKED_AT } from '../../app/insights/audit.ts'
import { writeAudit } from '../../app/support/audit.ts'
import type { Role } from '../../app/support/roles.ts'
import { consoleTools } from '../support/console.ts'
import { looksWell, violations } from '../support/look.ts'
import { leave } from '../support/tabs.ts'

const support = consoleTools()
const pool = () => support.app.server.services.pool
const SHOP = 'lantern-shop.myshopify.com'
const FLEET = '01930000-0000-7000-8000-00000000f1ee'
const JANE = { actor: 'jane@example.com', role: 'agent', address: '192.0.2.7' } as const

beforeAll(async () => {
  const { pool } = support.app.server.services
  const hold = { reason: 'Outage, with "quotes" and =1+1', until: '2026-12-01T10:00:00.000Z' }
  await writeAudit(pool, JANE, [
    { action: 'hold', shop: SHOP, vendor: 'voucherify', reason: hold.reason, before: null, after: hold },
    { action: 'release', shop: SHOP, vendor: 'voucherify', before: hold, after: null },
    {
      action: 'account_role',
      subject: 'new@example.com',
      before: { role: 'viewer' },
      after: { role: 'admin' },
    },
    ...Array.from({ length: 60 }, (_, n) => ({
      action: 'replay' as const,
      shop: SHOP,
      reason: `again ${n}`,
    })),
    {
      ...{ action: 'fleet_hold', vendor: 'ecomail', subject: FLEET, reason: 'Their outage' },
      after: {
        shops: 1234,
        until: null,
        filter: { shops: 'harbour', states: ['late', 'failing'], heldFor: null },
      },
    },
    ...[1, 2, 3].map(n => ({
      ...{ action: 'hold' as const, shop: `fleet-shop-${n}.myshopify.com`, vendor: 'ecomail' },
      ...{ subject: FLEET, reason: 'Their outage', before: null, after: { reason: 'Their outage' } },
    })),
  ])
})

describe('the page', () => {
  it.each([1280, 390])('is read, filtered and turned at %d pixels', async width => {
    const page = await support.open('admin', '/support/audit', { width })
    await page.getByRole('heading', { name: 'Audit', level: 1 }).waitFor()
    expect(await page.title()).toBe('Audit · Sluice support')
    await page.getByRole('link', { name: 'Next' }).click()
    await page.getByText('new@example.com').first().waitFor()
    await page.getByLabel('Shop', { exact: true }).fill('lantern-shop')
    await page.getByLabel('What').selectOption('hold')
    await page.getByRole('button', { name: 'Show' }).click()
    await expect.poll(() => page.locator('h3').allTextContents()).toEqual(['Held'])
    const entry = page.getByRole('listitem').filter({ has: page.locator('h3') })
    await expect
      .poll(() => entry.textContent())
      .toMatch(/jane@example\.com \(Agent\), from 192\.0\.2\.7\s*Why: Outage, with "quotes" and =1\+1/)
    expect(await entry.textContent()).toContain('Hold ends by itself: Dec 1, 2026, 10:00:00 UTC')
    expect((await entry.textContent())?.match(/Outage/g)).toHaveLength(1)
    await looksWell(page)
    await page.getByLabel('Text in the reason').fill('nothing such')
    await page.getByRole('button', { name: 'Show' }).click()
    await page.getByText('The audit has no such entry.').waitFor()
    await leave(page)
  })

  it.each(['viewer', 'agent'] as const)(
    'does not show a %s where colleagues are, nor with which browsers',
    async role => {
      const agent = 'A browser of its own/7'
      await writeAudit(pool(), JANE, [
        { action: 'sign_in', after: { agent, issuer: 'https://login.example.com' } },
      ])
      const path = '/support/audit?action=sign_in&actor=jane%40example.com'
      const seenBy = async (who: Role) => (await support.ask(await support.signedIn(who), path)).text()
      expect(await seenBy('admin')).toContain(agent)
      const shown = await seenBy(role)
      expect(shown).toContain('https://login.example.com')
      expect(shown).not.toContain(agent)
      expect(shown).not.toContain('192.0.2.7')
      expect(shown).not.toContain('/support/audit/export')
      const file = await support.ask(await support.signedIn(role), '/support/audit/export')
      expect(file.status).toBe(403)
    },
  )

  it('shows what was otherwise before', async () => {
    const page = await support.open('viewer', '/support/audit?action=account_role')
    await page.getByText('viewer').first().waitFor()
    const row = page.locator('dl').first()
    expect(await row.textContent()).toBe('Role: Viewer → Admin')
    await leave(page)
  })
})

it.each([1280, 390])('what was sent again was told as raw fields and ids, at %d pixels', async width => {
  const chosen = {
    outcome: 'failed',
    type: 'order_paid',
    vendor: 'topmail',
    lately: '24h',
    partlyRejected: false,
  }
  const shop = 'sent-again.myshopify.com'
  const actor = `sends-again-${width}@example.com`
  await writeAudit(pool(), { ...JANE, actor }, [
    {
      ...{ action: 'replay', shop, vendor: 'topmail', reason: 'Their outage is over' },
      after: { ...chosen, count: 1200, held: 0, replay: FLEET },
    },
  ])
  const page = await support.open('viewer', `/support/audit?actor=${encodeURIComponent(actor)}`, { width })
  await page.getByRole('heading', { name: 'Sent 1,200 deliveries again that had failed' }).waitFor()
  const entry =
    (await page
      .getByRole('listitem')
      .filter({ has: page.locator('h3') })
      .textContent()) ?? ''
  for (const text of [
    'They were to be sent then.',
    'Kind of event: Order paid',
    'Received: Last 24 hours',
    shop,
    'Topmail',
  ])
    expect(entry).toContain(text)
  for (const raw of [FLEET, 'order_paid', '24h', ': No']) expect(entry).not.toContain(raw)
  expect(await page.getByRole('link', { name: 'What became of them' }).getAttribute('href')).toBe(
    `/support/shops/${shop}/activity?replay=${FLEET}`,
  )
  await looksWell(page)
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/audit-replay-${width}.png` })
  await leave(page)
})

describe('a fleet action', () => {
  it('is one entry, from which its page and the entries of its shops are reached', async () => {
    const page = await support.open('admin', '/support/audit?vendor=ecomail')
    const titles = () => page.locator('h3').allTextContents()
    await page.getByText('A fleet action is one entry here.').waitFor()
    await page.getByText('It holds each fleet action once').waitFor()
    expect(await titles()).toEqual(['Held Ecomail for 1,234 shops'])
    expect(await page.getByText('Domain contains: harbour').count()).toBe(1)
    expect(await page.getByText('State was: Late, Failing').count()).toBe(1)
    expect(await page.getByRole('link', { name: 'How far it is' }).getAttribute('href')).toBe(
      `/support/fleet/${FLEET}`,
    )
    await page.getByRole('link', { name: 'The entry of each shop' }).click()
    await expect.poll(titles).toEqual(['Held', 'Held', 'Held', 'Held Ecomail for 1,234 shops'])
    await page.getByText('It holds the entry of each shop of a fleet action as well.').waitFor()
    expect(await page.getByLabel('Fleet action (its id)').inputValue()).toBe(FLEET)
    expect(await page.getByRole('link', { name: 'Part of a fleet action' }).count()).toBe(3)
    await page.getByRole('link', { name: 'Clear' }).click()
    await page.getByText('A fleet action is one entry here.').waitFor()
    await page.getByLabel('Vendor').selectOption('ecomail')
    await page.getByLabel('Also each shop of a fleet action').check()
    await page.getByRole('button', { name: 'Show' }).click()
    await expect.poll(titles).toHaveLength(4)
    expect(await violations(page.mainFrame())).toEqual([])
    await leave(page)
  })
})

describe('an entry', () => {
  it('said what is over by a line through it alone: copied or read out, it said the opposite', async () => {
    const shop = 'pier.myshopify.com'
    const before = { reason: 'An outage.', since: '2026-11-20T10:00:00.000Z', until: null }
    await writeAudit(pool(), JANE, [{ action: 'release', shop, vendor: 'alana', reason: 'Over.', before }])
    const page = await support.open('viewer', `/support/audit?shop=${shop}`)
    const told = page.getByRole('listitem').filter({ hasText: 'Over.' }).locator('dl')
    expect(await told.textContent()).toBe(
      'Held since: Nov 20, 2026, 10:00:00 UTC → noneHeld because: An outage. → none',
    )
    await leave(page)
  })

  it('leads to the event, and shows a hold that was replaced beside the one before, each once', async () => {
    const event = '01930000-0000-7000-8000-0000000000e1'
    const shop = 'harbour.myshopify.com'
    await writeAudit(pool(), JANE, [
      { action: 'reveal', shop, subject: event, reason: 'They asked.' },
      {
        ...{ action: 'hold', shop, vendor: 'alana', reason: 'Longer.' },
        before: { reason: 'An outage.', since: '2026-11-20T10:00:00.000Z', until: null },
        after: { reason: 'Longer.', since: '2026-11-20T10:00:00.000Z', until: '2026-11-21T10:00:00.000Z' },
      },
    ])
    const page = await support.open('viewer', `/support/audit?shop=${shop}`)
    const link = page.getByRole('link', { name: `Event ${event}` })
    expect(await link.getAttribute('href')).toBe(`/support/shops/${shop}/events/${event}`)
    const held = page.getByRole('listitem').filter({ hasText: 'Longer.' })
    expect(await held.locator('dl').textContent()).toBe(
      'Held because: An outage. → Longer.Hold ends by itself: Nov 21, 2026, 10:00:00 UTC',
    )
    expect((await held.textContent())?.match(/Longer\./g)).toHaveLength(1)
    await leave(page)
  })

  it.each([
    ['keys_rotate', 'demo', 'Key: demo'],
    ['export', 'audit', null],
    ['account_add', 'new@example.com', 'To: new@example.com'],
    ['sign_in_failed', 'n***@example.com', 'As: n***@example.com'],
  ] as const)('of %s with the subject %s says %s of it', async (action, subject, said) => {
    await writeAudit(pool(), { ...JANE, actor: 'subject@example.com' }, [{ action, subject }])
    const page = await support.open('viewer', `/support/audit?actor=subject@example.com&action=${action}`)
    const entry = page.getByRole('listitem').filter({ has: page.getByRole('heading', { level: 3 }) })
    const told = await entry.getByRole('paragraph').allTextContents()
    const who = `${action === 'sign_in_failed' ? 'Somebody, as ' : ''}subject@example.com (Agent)`
    expect(told).toEqual([who, ...(said === null ? [] : [said])])
    await leave(page)
  })

  it.each([
    ['support.audit', /support\.audit/],
    ['filter.states', /filter\.states/],
  ])('shows no raw key such as %s', async (_, raw) => {
    const page = await support.open('admin', '/support/audit?each=1')
    await page.getByRole('heading', { name: 'Audit', level: 1 }).waitFor()
    expect(await page.locator('main').textContent()).not.toMatch(raw)
    await leave(page)
  })
})

describe('a search that ended at its limit', () => {
  it('says so, and offers to look further back', async () => {
    await pool().query(
      `insert into audit_entries (actor, action, reason) select 'busy', 'replay', 'n ' || n from generate_series(1, $1) n`,
      [MOST_LOOKED_AT + 50],
    )
    const page = await support.open('viewer', '/support/audit?actor=busy&reason=n+20000')
    await page.getByText('The search ended before everything was looked at').waitFor()
    expect(await page.locator('h3').count()).toBe(1)
    await page.getByText(/^It looked back to .* UTC and found these\./).waitFor()
    await page.goto(`${support.app.url}/support/audit?actor=busy&reason=nothing+such`)
    await page
      .getByText(/^It looked back to .* UTC and found none\. There may be some before that\.$/)
      .waitFor()
    expect(await page.getByText('The audit has no such entry.').count()).toBe(0)
    await page.getByRole('link', { name: 'Look further back' }).click()
    await page.waitForURL('**before=**')
    await page.getByText('The audit has no such entry.').waitFor()
    await leave(page)
  })
})

describe('the file', () => {
  it('has an entry on each line, and that it was taken is in the audit', async () => {
    const cookie = await support.signedIn('admin')
    const answer = await support.ask(cookie, `/support/audit/export?shop=${SHOP}`)
    expect(answer.headers.get('content-disposition')).toMatch(
      /^attachment; filename="sluice-audit-\d{4}-\d\d-\d\d\.jsonl"$/,
    )
    const lines = (await answer.text()).split('\n')
    expect(lines.pop()).toBe('')
    const entries = lines.map(line => JSON.parse(line))
    expect(entries).toHaveLength(62)
    expect(entries.at(-1)).toMatchObject({
      ...JANE,
      action: 'hold',
      reason: 'Outage, with "quotes" and =1+1',
    })
    const { rows } = await support.app.test.database.pool.query(
      `select actor, subject, after from audit_entries where action = 'export' order by id desc limit 1`,
    )
    expect(rows).toEqual([{ actor: 'admin@example.com', subject: 'audit', after: { shop: SHOP } }])
  })

  it('says by its name and in the audit that the shops of fleet actions are left out', async () => {
    const cookie = await support.signedIn('admin')
    const taken = async (search: string) => {
      const answer = await support.ask(cookie, `/support/audit/export${search}`)
      const { rows } = await pool().query(
        `select after from audit_entries where action = 'export' order by id desc limit 1`,
      )
      const name = answer.headers
        .get('content-disposition')
        ?.match(/"(.*)"/)?.[1]
        ?.replace(/\d{4}-\d\d-\d\d/, 'DAY')
      return { name, after: rows[0].after, shops: (await answer.text()).split('fleet-shop-').length - 1 }
    }
    expect(await taken('')).toEqual({
      ...{ name: 'sluice-audit-DAY-without-each-shop.jsonl', after: { eachShop: false }, shops: 0 },
    })
    expect(await taken('?each=1')).toEqual({
      ...{ name: 'sluice-audit-DAY.jsonl', after: { eachShop: true }, shops: 3 },
    })
    expect(await taken(`?fleet=${FLEET}`)).toMatchObject({ after: { fleet: FLEET }, shops: 3 })
  })

  it.each(['fleet=nonsense', 'since=2026-13-45', 'until=tomorrow', 'action=dance', 'actor=%00'])(
    'finds nothing by what cannot be read, and gives nothing away: all was listed and taken for %s',
    async asked => {
      const page = await support.open('admin', `/support/audit?${asked}`)
      await page.getByText('Nothing was looked for.').waitFor()
      await page.getByText(/^(This is no|There is no such|This is too long)/).waitFor()
      expect(await page.getByRole('link', { name: 'Take away as a file' }).count()).toBe(0)
      await looksWell(page)
      await leave(page)
      const cookie = await support.signedIn('admin')
      const taken = () => pool().query("select from audit_entries where action = 'export'")
      const before = (await taken()).rowCount
      const answer = await support.ask(cookie, `/support/audit/export?${asked}`)
      expect([answer.status, (await taken()).rowCount]).toEqual([400, before])
    },
  )

  it('says in the audit what was looked for, but no address that was typed there', async () => {
    const cookie = await support.signedIn('admin')
    const asked = new URLSearchParams({ reason: 'asked by jo.doe@example.com' })
    await (await support.ask(cookie, `/support/audit/export?${asked}`)).text()
    const { rows } = await pool().query(
      `select after from audit_entries where action = 'export' order by id desc limit 1`,
    )
    expect(rows[0].after.reason).toMatch(/^asked by /)
    expect(rows[0].after.reason).not.toContain('jo.doe@')
  })

  it('is broken off when its session is over', async () => {
    const { audit } = support.app.server.services.support
    const session = createHash('sha256').update('a token of its own').digest('hex')
    const { rows } = await pool().query(
      `insert into support_sessions (token_hash, account_id, expires_at)
       select $1, id, now() + interval '1 hour' from support_accounts where email = 'admin@example.com' returning account_id as id`,
      [session],
    )
    await writeAudit(
      pool(),
      JANE,
      Array.from({ length: 2_500 }, () => ({ action: 'replay' as const })),
    )
    const staff = { id: rows[0].id, email: 'admin@example.com', role: 'admin', by: JANE, session } as const
    const reader = (await audit.export(staff, { actions: ['replay'] })).getReader()
    expect((await reader.read()).done).toBe(false)
    await pool().query('update support_sessions set revoked_at = now() where token_hash = $1', [session])
    const rest = async () => {
      while (!(await reader.read()).done);
    }
    await expect(rest()).rejects.toThrow('the session is over')
  })

  it.each(['/support/audit', '/support/audit/export'])('is not for nobody: %s', async path => {
    const answer = await support.ask(null, path)
    expect([answer.status, answer.headers.get('location')]).toEqual([
      302,
      `/support/sign-in?to=${encodeURIComponent(path)}`,
    ])
  })
})
