/** The support console beside the demo's week: other shops, an outage of a vendor in the course of the day, and who signs in. */
import type { Browser, Page } from 'playwright-core'
import { saveConnection, vendorById } from '../../app/delivery/connections.ts'
import { REACHED } from '../../app/insights/daily.ts'
import { takeLaneHealth } from '../../app/insights/lane-health.ts'
import { opensWith } from '../../app/insights/lane-stands.ts'
import { addUpFleet } from '../../app/insights/vendor-fleet.ts'
import { addAccount } from '../../app/support/accounts.ts'
import { codeAt } from '../../app/support/codes.ts'
import type { Demo } from '../../sandbox/demo/environment.ts'
import { WEEK_ENDS } from '../../sandbox/demo/week.ts'
import { DEMO_CREDENTIALS } from '../../sandbox/vendors/credentials.ts'
import { carry, cookiesOf } from './console.ts'
import { tabsOf } from './tabs.ts'

const SHOPS = 120
const OUTAGE = 'Voucherify does not answer: see their status page.'
const DONE = '01930000-0000-7000-8000-00000000d0e0'
const RUNNING = '01930000-0000-7000-8000-00000000a1e0'
const BY = { actor: 'command line: operator', role: null, address: null } as const

/** Fleet actions to look at, and a shop of which support holds a vendor. */
export type ConsoleIds = { done: string; running: string; heldShop: string }
export type ConsoleScreenAsked = { path: string; width: number; isNobody?: true | undefined }
export type ConsoleShow = {
  ids: ConsoleIds
  /** Waits until there is a title on the page, nothing is loading and its scripts are at work. `leave` gives it back. */
  open(asked: ConsoleScreenAsked): Promise<Page>
  close(): Promise<void>
}

/** @param demo after its week */
export async function startConsole(demo: Demo, browser: Browser): Promise<ConsoleShow> {
  const { pool, sealer } = demo.server.services
  for (const [email, role] of [
    ['agent@example.com', 'agent'],
    ['viewer@example.com', 'viewer'],
  ] as const)
    await addAccount({ pool, sealer }, BY, email, role)
  await addShops(demo)
  await addActions(demo)
  await takeLaneHealth(pool, { opens: opensWith(sealer), lateAfterMinutes: 60 })
  await countLastDays(demo)
  // What runs stays where it is: no worker gets to take its next step.
  const kept = await pool.connect()
  await kept.query('begin; set local idle_in_transaction_session_timeout = 0')
  await kept.query('select from fleet_actions where id = $1 for update', [RUNNING])
  const cookie = await signedIn(demo)
  // One for all pages: what the console consists of is loaded once.
  const context = await browser.newContext({ reducedMotion: 'reduce' })
  await context.clock.setFixedTime(WEEK_ENDS)
  const take = tabsOf(async () => context)
  return {
    ids: { done: DONE, running: RUNNING, heldShop: domainOf(10) },
    async open({ path, width, isNobody = false }) {
      const page = await take(width)
      if (!isNobody) await carry(context, demo.appUrl, cookie)
      page.setDefaultTimeout(15_000)
      await page.goto(`${demo.appUrl}${path}`)
      await page.getByRole('heading', { level: 1 }).first().waitFor()
      await page.waitForLoadState('networkidle')
      await drawn(page)
      return page
    },
    async close() {
      await context.close()
      await kept.query('rollback')
      kept.release()
    },
  }
}

/** What depends on the window's width is drawn once the page's scripts are at work. */
async function drawn(page: Page): Promise<void> {
  await page.waitForFunction(() =>
    Object.keys(document.querySelector('h1') ?? {}).some(key => key.startsWith('__reactFiber')),
  )
  await page.evaluate(() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))))
}

const domainOf = (number: number) => `shop-${String(number).padStart(3, '0')}.myshopify.com`

/** Over HTTP, as the demo's own account. */
async function signedIn({ appUrl, support: { email, password, secret } }: Demo): Promise<string> {
  const answer = await fetch(`${appUrl}/support/sign-in`, {
    method: 'POST',
    redirect: 'manual',
    headers: { origin: appUrl },
    body: new URLSearchParams({ email, password, code: codeAt(secret, new Date()) }),
  })
  if (answer.status !== 302) throw new Error(`not signed in: ${answer.status}`)
  return cookiesOf(answer)
}

/** Nothing happens in them: each has two vendors, most of one held, a few switched off or in need of their merchants. */
async function addShops({ server }: Demo): Promise<void> {
  const { pool, sealer } = server.services
  await pool.query(
    `insert into shops (domain, name, installed_at)
     select 'shop-' || lpad(n::text, 3, '0') || '.myshopify.com', 'Shop ' || n, $2 from generate_series(1, $1::int) n`,
    [SHOPS, WEEK_ENDS],
  )
  const { rows } = await pool.query<{ id: number }>(
    "select id from shops where domain like 'shop-%' order by id",
  )
  const { appId, appToken } = DEMO_CREDENTIALS.voucherify
  const voucherify = { region: 'eu', mode: 'server', appId, appToken }
  for (const { id } of rows) {
    await saveConnection(pool, sealer, id, vendorById('voucherify'), voucherify)
    await saveConnection(pool, sealer, id, vendorById('alana'), DEMO_CREDENTIALS.alana)
  }
  const change = (set: string, where: string, values: unknown[] = []) =>
    pool.query(
      `update connections c set ${set} from shops s where s.id = c.shop_id and s.domain like 'shop-%' and ${where}`,
      values,
    )
  await change('enabled = false', "c.vendor = 'alana' and s.domain like '%7.myshopify.com'")
  await change(
    "attention = 'Alana refused the credentials. Check them in the tool’s settings.'",
    "c.vendor = 'alana' and s.domain like '%23.myshopify.com'",
  )
  await change(
    'hold_reason = $1, hold_since = $2',
    "c.vendor = 'voucherify' and s.domain <> 'shop-001.myshopify.com'",
    [OUTAGE, '2026-11-20T16:40:02.000Z'],
  )
}

/** The last two days are those of the week's end, which to the database's clock are not its own. */
async function countLastDays({ server: { services } }: Demo): Promise<void> {
  await services.pool.query(
    `update lane_health h set delivered = d.delivered, failed = d.failed
     from (select k.shop_id, k.vendor, ${REACHED}::int as delivered, coalesce(sum(k.count) filter (where k.state = 'dead'), 0)::int as failed
           from delivery_days k where k.day between $1::date - 1 and $1::date group by 1, 2) d
     where h.shop_id = d.shop_id and h.vendor = d.vendor`,
    [WEEK_ENDS.slice(0, 10)],
  )
  await addUpFleet(services.pool)
}

/** A hold that is through, with an entry of the audit for each shop, and a second one in the middle of its first step. */
async function addActions({ server }: Demo): Promise<void> {
  const { pool } = server.services
  const filter = { shops: null, states: ['late', 'failing'], heldFor: null }
  await pool.query(
    `insert into fleet_actions (id, action, vendor, filter, reason, actor, role, created_at, finished_at, state, total, done, changed, followed)
     values ($1, 'hold', 'voucherify', $3, $4, 'agent@example.com', 'agent', '2026-11-20T16:40:00Z', '2026-11-20T16:40:31Z', 'done', 120, 120, 119, 119),
            ($2, 'hold', 'alana', $5, 'Alana moves its servers until six.', 'support@example.com', 'admin', '2026-11-20T17:29:50Z', null, 'running', 120, 75, 74, 0)`,
    [
      DONE,
      RUNNING,
      JSON.stringify(filter),
      OUTAGE,
      JSON.stringify({ ...filter, shops: 'shop-', states: [] }),
    ],
  )
  await pool.query(
    `insert into audit_entries (at, actor, role, address, action, shop, vendor, subject, reason, before, after)
     select '2026-11-20T16:40:00Z'::timestamptz, 'agent@example.com', 'agent', '192.0.2.7', 'fleet_hold', null, 'voucherify', $1, $2::text, null::jsonb,
            jsonb_build_object('shops', 120, 'until', null, 'filter', $3::jsonb)
     union all
     select '2026-11-20T16:40:02Z'::timestamptz, 'agent@example.com', 'agent', '192.0.2.7', 'hold', s.domain, 'voucherify', $1, $2, null,
            jsonb_build_object('reason', $2::text, 'since', '2026-11-20T16:40:02.000Z', 'until', null)
     from shops s where s.domain like 'shop-%' and s.domain <> 'shop-001.myshopify.com'`,
    [DONE, OUTAGE, JSON.stringify(filter)],
  )
}
