/** The demo after a week of which everything is told, opened in the admin's frame: for looking at screens. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Frame, FrameLocator, Page } from 'playwright-core'
import { removeEmbedded } from '../../app/db/embedded/index.ts'
import { ensurePartitions } from '../../app/db/partitions.ts'
import { DAYS_SEEN } from '../../app/insights/daily.ts'
import { rollUpDays } from '../../app/insights/roll-up-days.ts'
import { createLog } from '../../app/log.ts'
import { stopClock } from '../../sandbox/demo/clock.ts'
import { DEMO_SHOP, startDemo } from '../../sandbox/demo/environment.ts'
import { playWeek, REJECTED_ORDER, WEEK_BEGINS, WEEK_ENDS } from '../../sandbox/demo/week.ts'
import { startBrowser } from './browser.ts'
import { type ConsoleShow, startConsole } from './console-show.ts'
import { leave, tabsOf } from './tabs.ts'

/** Where nothing has happened yet. */
const NEW_SHOP = 'sluice-new.myshopify.com'

/** Events to look at. `skipped`: Topmail was not sent it, since its customer does not accept marketing. */
export type ShownIds = { order: string; rejected: string; skipped: string }
/** By support's hold, or the merchant's switch; `retrying`: the order's delivery waits for its next try. */
export type StoodTool = 'held' | 'off' | 'retrying'
export type OpenScreen = {
  /** In the app, "/app/vendors". */
  path: string
  /** A shop that has just installed the app, instead of the one with a week behind it. */
  isNew?: boolean
  /** How Voucherify stands until it is closed, instead of running. */
  stands?: StoodTool
  /** In CSS pixels. */
  width: number
  locale: string
}
/** `broken`: what its scripts threw since it was opened. */
export type Opened = {
  page: Page
  app: FrameLocator
  frame: Frame
  broken: string[]
  close(): Promise<void>
}
export type Show = {
  browser: Browser
  ids: ShownIds
  /** Waits until there is a title on the page and nothing is loading. */
  open(screen: OpenScreen): Promise<Opened>
  /** Of a screen in the stand-in admin. */
  address(screen: Omit<OpenScreen, 'width' | 'stands'>): string
  /** The support console beside it. Close it before this. */
  console(): Promise<ConsoleShow>
  close(): Promise<void>
}

/** In the columns of a connection. Said as support of the demo says it. */
const STANDS: Readonly<Record<Exclude<StoodTool, 'retrying'>, [string, string[]]>> = {
  // Without an end: the database's clock is past any that a picture of that day could have.
  held: [
    'hold_reason = $1, hold_since = $2::timestamptz, hold_until = null',
    ['Voucherify announced maintenance of its API for this hour.', WEEK_ENDS],
  ],
  off: ['enabled = false', []],
}
const RUNS = 'hold_reason = null, hold_since = null, hold_until = null, enabled = true'

/** Needs the build. While it is open this process's clock stands at the week's end. */
export async function startShow(): Promise<Show> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-show-'))
  const opened: (() => Promise<void>)[] = [
    async () => {
      await removeEmbedded(folder)
      rmSync(folder, { recursive: true, force: true })
    },
  ]
  const close = async () => {
    for (const end of opened.reverse()) await end()
  }
  try {
    const demo = await startDemo({ folder, port: 0, log: createLog('fatal'), storefront: false })
    opened.push(demo.close)
    const { pool } = demo.server.services
    await ensurePartitions(pool, new Date(), new Date(WEEK_BEGINS))
    const clock = stopClock(WEEK_BEGINS)
    opened.push(async () => clock.release())
    await playWeek(demo, clock)
    // How long a stand-in took on this machine is nothing to show.
    await pool.query('update exchanges set duration_ms = 80 + 3 * extract(minute from started_at)')
    // Looked for by when they changed, which a stopped clock puts before the last look.
    await pool.query("update rollups set seen_until = '-infinity'")
    await rollUpDays(pool, { justBegunSeconds: 0 })
    await pool.query('update rollups set seen_until = $1 where name = $2', [WEEK_ENDS, DAYS_SEEN])
    await pool.query(
      `update shops set storefront_heard_at = $1, pixel_set_at = $1 where storefront_heard_at is not null`,
      [WEEK_ENDS],
    )
    const eventOf = async (order: string) => {
      const { rows } = await pool.query<{ id: string }>(
        `select id from events where type = 'order_created' and data #>> '{order,name}' = $1`,
        [order],
      )
      return rows[0]?.id ?? ''
    }
    const { rows: skipped } = await pool.query<{ id: string }>(
      "select event_id as id from deliveries where vendor = 'topmail' and reason = 'no_marketing_consent' order by event_id limit 1",
    )
    const ids = {
      order: await eventOf('#1001'),
      rejected: await eventOf(REJECTED_ORDER),
      skipped: skipped[0]?.id ?? '',
    }
    const browser = await startBrowser()
    opened.push(() => browser.close())
    // One for all pages: what the app consists of is loaded once.
    const context = await browser.newContext({ reducedMotion: 'reduce' })
    await context.clock.setFixedTime(WEEK_ENDS)
    const take = tabsOf(async () => context)
    const address: Show['address'] = ({ path, isNew = false, locale }) =>
      demo.frame.address(isNew ? NEW_SHOP : DEMO_SHOP, path, locale)
    return {
      browser,
      ids,
      close,
      address,
      console: () => startConsole(demo, browser),
      async open({ width, stands, ...screen }) {
        const set = (to: string, values: readonly string[] = []) =>
          pool.query(
            `update connections set ${to}
             where vendor = 'voucherify' and shop_id = (select id from shops where domain = '${DEMO_SHOP}')`,
            [...values],
          )
        const setOrder = (to: string) =>
          pool.query(`update deliveries set ${to} where vendor = 'voucherify' and event_id = $1`, [ids.order])
        const { rows: changes } = await pool.query(
          'select coalesce(max(id), 0) as last from connection_changes',
        )
        if (stands === 'retrying') await setOrder("state = 'retry', due_at = now() + interval '1 hour'")
        else if (stands) await set(...STANDS[stands])
        const page = await take(width)
        page.setDefaultTimeout(15_000)
        const broken: string[] = []
        page.on('pageerror', ({ message }) => broken.push(message))
        await page.goto(address(screen))
        const app = page.frameLocator('iframe')
        await app.getByRole('heading', { level: 1 }).first().waitFor()
        await page.waitForLoadState('networkidle')
        const frame = page.frames().find(each => each.url().startsWith(demo.appUrl))
        if (!frame) throw new Error('the app is not in its frame')
        const close = async () => {
          await leave(page)
          if (stands === 'retrying') await setOrder("state = 'delivered'")
          else if (stands) await set(RUNS)
          // Written down by the database's clock, which nobody has stopped.
          await pool.query('delete from connection_changes where id > $1', [changes[0]?.last])
        }
        return { page, app, frame, broken, close }
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}
