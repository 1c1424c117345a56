/** Checks that tell an operator whether this installation can do its job, each with a remedy when it cannot. */
import type { Pool } from 'pg'
import { SLUICE } from '../command-line.ts'
import { lastAtWork } from '../delivery/chores.ts'
import { connectionsOf, IS_STARTED, openConnection } from '../delivery/connections.ts'
import { erasuresInTrouble } from '../delivery/erasures.ts'
import { HELD_REASONS } from '../delivery/outcome.ts'
import { listSpool } from '../delivery/spool.ts'
import type { Sealer } from '../secrets/seal.ts'
import { failedFetches } from '../shopify/admin/customer-fetches.ts'
import { ADMIN_FAILURES, asAdminFailure } from '../shopify/admin/failure.ts'
import { refusedPages } from '../shopify/admin/hosts.ts'
import { listTroubles } from '../shopify/admin/trouble.ts'
import { supportWords } from '../ui/vendor-words.ts'
import { listAlerts } from './alerts/list.ts'
import { lanesThatStand, statusOf } from './lanes.ts'

export type Check = { name: string; ok: boolean; detail: string }

/** Open deliveries this long overdue are late. */
const OVERDUE_MINUTES = 5
/** Requests this long in the spool are late where no worker takes them out; where one does, they are a backlog. */
const SPOOLED_SECONDS = 60
/** Longer than a rush lasts that a worker gets through. */
const STUCK_SECONDS = 600
/** The chore that comes round every ten seconds wherever there is a worker, and when one is missed. */
const SWEEP = 'sweep'
const ALIVE_SECONDS = 60
/** Of what there may be many, so many are named. */
const NAMED = 20

/** @param proxies of the settings; what is wrong with them, null: nothing. Left out: the settings are not at hand */
export async function examine(pool: Pool, sealer: Sealer, proxies?: string | null): Promise<Check[]> {
  return [
    await database(pool),
    await connections(pool, sealer),
    await workers(pool),
    await lanes(pool, sealer),
    await attention(pool),
    await stopped(pool),
    await spool(pool),
    await alerts(pool),
    await shopify(pool),
    await privacy(pool),
    await pixels(pool),
    await search(pool),
    ...(proxies === undefined ? [] : [addresses(proxies)]),
  ]
}

async function database(pool: Pool): Promise<Check> {
  const result = await pool.query<{ version: string; migrations: string; read_only: string }>(
    `select current_setting('server_version') as version, current_setting('transaction_read_only') as read_only,
            (select count(*) from _prisma_migrations where finished_at is not null) as migrations`,
  )
  const row = result.rows[0]
  const ok = row?.read_only === 'off'
  const remedy = ok ? '' : '; it takes no writes: connect to the primary server'
  return {
    name: 'database',
    ok,
    detail: `PostgreSQL ${row?.version}, ${row?.migrations} migrations applied${remedy}`,
  }
}

/** Every connection must open with the keys given and fit its vendor's schema. */
async function connections(pool: Pool, sealer: Sealer): Promise<Check> {
  const shops = await pool.query<{ id: number; domain: string }>(
    'select distinct s.id, s.domain from shops s join connections c on c.shop_id = s.id order by s.id',
  )
  const broken: string[] = []
  let count = 0
  for (const shop of shops.rows) {
    for (const row of (await connectionsOf(pool, [shop.id])).get(shop.id) ?? []) {
      count += 1
      try {
        openConnection(sealer, shop.id, row)
      } catch (error) {
        broken.push(
          `${shop.domain} ${row.vendor}: ${error instanceof Error ? error.message : 'cannot be opened'}`,
        )
      }
    }
  }
  const detail =
    broken.length === 0
      ? `${count} connections open`
      : `${someOf(broken)}. Check SLUICE_SECRETS_KEYS, or connect these vendors again.`
  return { name: 'connections', ok: broken.length === 0, detail }
}

/** The first, and how many more there are. */
function someOf(all: readonly string[]): string {
  const more = all.length > NAMED ? `; and ${all.length - NAMED} more` : ''
  return `${all.slice(0, NAMED).join('; ')}${more}`
}

/** Deliveries that nothing but the want of a worker holds up; with a worker at work they are a backlog. */
async function workers(pool: Pool): Promise<Check> {
  const overdue = await pool.query<{ count: number }>(
    `select count(*)::int as count from deliveries d join connections c on c.shop_id = d.shop_id and c.vendor = d.vendor
     where d.state in ('pending', 'retry') and d.due_at < now() - make_interval(mins => $1)
       and (c.paused_until is null or c.paused_until < now())`,
    [OVERDUE_MINUTES],
  )
  const count = overdue.rows[0]?.count ?? 0
  const { seconds, alive } = await seenAtWork(pool)
  const seen =
    seconds === null
      ? 'no worker has been at work for long, or ever'
      : alive
        ? `a worker was at work ${Math.max(0, Math.round(seconds))} s ago`
        : `no worker has been at work for ${ago(seconds)}`
  const late =
    count === 0
      ? 'no delivery is overdue'
      : `${count} deliveries have been due for more than ${OVERDUE_MINUTES} minutes`
  const ok = alive || count === 0
  const remedy = ok ? '' : START_WORKER
  return { name: 'workers', ok, detail: `${late}; ${seen}${remedy}` }
}

const START_WORKER = ': start a worker (SLUICE_ROLE=worker or all)'

async function seenAtWork(pool: Pool): Promise<{ seconds: number | null; alive: boolean }> {
  const seconds = await lastAtWork(pool, SWEEP)
  return { seconds, alive: seconds !== null && seconds < ALIVE_SECONDS }
}

function ago(seconds: number): string {
  return seconds < 7200 ? `${Math.round(seconds / 60)} minutes` : `${Math.round(seconds / 3600)} hours`
}

/** What stands still, for information: a rest ends by itself, and what waits for a person is judged by other checks. */
async function lanes(pool: Pool, sealer: Sealer): Promise<Check> {
  const found = await lanesThatStand(pool, sealer, NAMED + 1)
  const list = found.slice(0, NAMED).map(lane => `${lane.shop} ${lane.vendor} ${statusOf(lane)}`)
  const more = found.length > NAMED ? '; and more' : ''
  return {
    name: 'lanes',
    ok: true,
    detail:
      list.length === 0
        ? 'none rests or waits for a person'
        : `${list.join('; ')}${more} ("${SLUICE} lanes" shows all)`,
  }
}

/** A lane that is switched off, or whose shop has removed the app, is meant to stand still. */
async function attention(pool: Pool): Promise<Check> {
  const result = await pool.query<{ domain: string; vendor: string; attention: string }>(
    `select s.domain, c.vendor, c.attention from connections c join shops s on s.id = c.shop_id
     where c.attention <> $2 and c.enabled and s.uninstalled_at is null order by 1, 2 limit $1`,
    // A disconnection that is under way ends by itself.
    [NAMED, HELD_REASONS.disconnecting],
  )
  const list = result.rows.map(row => `${row.domain} ${row.vendor}: ${supportWords(row.attention)}`)
  return {
    name: 'credentials',
    ok: list.length === 0,
    detail:
      list.length === 0
        ? 'no vendor refuses its credentials'
        : `${list.join('; ')} ("${SLUICE} vendor connect" corrects settings, "${SLUICE} vendor test" starts the lane)`,
  }
}

/** Held deliveries of a lane that is open wait for nobody; dead ones are no fault of the installation, but worth a look. */
async function stopped(pool: Pool): Promise<Check> {
  const result = await pool.query<{ stuck: number; dead: number }>(
    `select count(*) filter (where d.state = 'held' and ${IS_STARTED})::int as stuck,
            count(*) filter (where d.state = 'dead')::int as dead
     from deliveries d join connections c on c.shop_id = d.shop_id and c.vendor = d.vendor
     where d.state in ('held', 'dead')`,
  )
  const { stuck = 0, dead = 0 } = result.rows[0] ?? {}
  const held =
    stuck === 0
      ? 'nothing is held in an open lane'
      : `${stuck} deliveries are held in open lanes: "${SLUICE} vendor on" releases them`
  const failed =
    dead === 0
      ? 'none is dead'
      : `${dead} are dead ("${SLUICE} deliveries SHOP --state dead" says why, "${SLUICE} replay" sends them again)`
  return { name: 'deliveries', ok: stuck === 0, detail: `${held}; ${failed}` }
}

async function spool(pool: Pool): Promise<Check> {
  const [lines, { alive }] = await Promise.all([listSpool(pool), seenAtWork(pool)])
  const waiting = lines.filter(({ failure }) => failure === null)
  const failed = lines.filter(({ failure }) => failure !== null)
  const count = (of: typeof lines) => of.reduce((sum, { requests }) => sum + requests, 0)
  // The oldest come first.
  const since = waiting[0]?.oldest
  const seconds = since === undefined ? 0 : (Date.now() - since.getTime()) / 1000
  const isLate = seconds > (alive ? STUCK_SECONDS : SPOOLED_SECONDS)
  const remedy = alive
    ? '; a worker is at work and does not get through them: its log says why'
    : START_WORKER
  const found = [
    since &&
      `${count(waiting)} requests wait to be accepted, the oldest since ${since.toISOString()}${isLate ? remedy : ''}`,
    failed.length > 0 &&
      `${count(failed)} requests could not be accepted: "${SLUICE} spool" says why, "${SLUICE} spool --retry" tries them again`,
  ].filter(each => each)
  return {
    name: 'spool',
    ok: !isLate && failed.length === 0,
    detail: found.join('; ') || 'nothing waits to be accepted',
  }
}

async function alerts(pool: Pool): Promise<Check> {
  const open = await listAlerts(pool, null, false)
  const list = open.map(({ shop, vendor, title }) => `${shop} ${vendor}: ${title}`)
  return {
    name: 'alerts',
    ok: open.length === 0,
    detail: open.length === 0 ? 'no alert is open' : `${someOf(list)} ("${SLUICE} alerts" says what to do)`,
  }
}

/** Shops whose Admin API cannot be asked, and customers of the last day whom Shopify was asked for in vain. */
async function shopify(pool: Pool): Promise<Check> {
  const troubles = (await listTroubles(pool)).slice(0, NAMED)
  const failed = await failedFetches(pool)
  const why = (outcome: string) => {
    const kind = asAdminFailure(outcome)
    return kind ? ADMIN_FAILURES[kind].merchant : 'The app is not approved to see who they are.'
  }
  const list = [
    ...troubles.map(({ shop, merchant }) => `${shop}: ${merchant}`),
    ...failed.map(
      ({ shop, outcome, customers }) => `${shop}: ${customers} customers are not known. ${why(outcome)}`,
    ),
  ]
  const ok = list.length === 0
  return { name: 'shopify', ok, detail: ok ? 'every shop that was asked has answered' : list.join('; ') }
}

/** What Shopify has asked to be erased, and is not. */
async function privacy(pool: Pool): Promise<Check> {
  const open = await erasuresInTrouble(pool)
  const list = open.slice(0, NAMED).map(({ shop, topic, receivedAt, trouble }) => {
    const why =
      trouble ?? `Something of the shop has been in the spool for long ("${SLUICE} spool" shows it).`
    return `${shop}: ${topic} of ${receivedAt.toISOString()} is not carried out. ${why}`
  })
  const more = open.length > NAMED ? '; and more' : ''
  const ok = open.length === 0
  return { name: 'privacy', ok, detail: ok ? 'nothing is left to erase' : `${list.join('; ')}${more}` }
}

/** For information: whoever has read a shop's key out of its pages can send from a page that is not the shop's. */
async function pixels(pool: Pool): Promise<Check> {
  const pages = (await refusedPages(pool)).slice(0, NAMED)
  const list = pages.map(
    ({ shop, host, at }) =>
      `${shop} was refused for the page of ${host || 'no web address'} at ${at.toISOString()}: unless that is another shop's, "${SLUICE} pixel activate ${shop}" asks Shopify for the shop's pages anew`,
  )
  return {
    name: 'pixels',
    ok: true,
    detail: list.length === 0 ? 'none was refused for its page within a day' : list.join('; '),
  }
}

/** For information: without it the same shops are found, by reading all of them. */
async function search(pool: Pool): Promise<Check> {
  const found = await pool.query<{ there: boolean }>(
    `select exists (select from pg_index where indexrelid = to_regclass('shops_search_idx') and indisvalid) as there`,
  )
  const without =
    'there is no index shops_search_idx: support searches by reading all shops. PostgreSQL did not let the migration create pg_trgm; see "Searching" in docs/support.md'
  return {
    name: 'search',
    ok: true,
    detail: found.rows[0]?.there ? 'shops are found by parts of their names with an index' : without,
  }
}

const addresses = (trouble: string | null): Check => ({
  name: 'addresses',
  ok: trouble === null,
  detail: trouble ?? 'browsers are told apart by their address',
})
