/** What the merchant's pages of numbers read, and what keeps these numbers, with a million deliveries in one shop. */
import type { Pool } from 'pg'
import { openDatabase } from '../../app/db/database.ts'
import { countedUntil, DAYS_SEEN, dailyCounts, settledByDay } from '../../app/insights/daily.ts'
import { lastDays } from '../../app/insights/days.ts'
import { listLanes } from '../../app/insights/lanes.ts'
import { rollUpDays } from '../../app/insights/roll-up-days.ts'
import { readSetUp } from '../../app/insights/set-up.ts'
import { storefrontStatus } from '../../app/insights/storefront-status.ts'
import { createSealer } from '../../app/secrets/seal.ts'
import { MOST_COUNTED } from '../../app/ui/counted.ts'
import type { App } from '../children/app.ts'
import type { Generator } from '../children/generator.ts'
import type { Bench, Suite } from '../support/bench.ts'
import { fillHistory } from '../support/history.ts'
import { summarise } from '../support/percentiles.ts'
import { analyse } from '../support/postgres.ts'
import { ALL_VENDORS, environment, installShops } from '../support/setup.ts'
import { acceptViews } from '../support/views.ts'

const DAYS = 90
/** Of each reading. */
const ROUNDS = 100
const AIM = { most: 100 }

export const counts: Suite = {
  id: 'counts',
  about: `what pages of numbers read with a million deliveries of ${DAYS} days in one shop, and what counting them costs`,
  async run(bench) {
    const deliveries = bench.quick ? 20_000 : 1_000_000
    const old = await shopWith(bench, 'old', deliveries, DAYS)
    const figures = await measure(bench, old.url, old.shopId)
    const busy = await shopWith(bench, 'busy', deliveries, 0)
    const day = await counting(busy.url, pool => rollUpDays(pool))
    return {
      figures: [...figures, { name: 'counting a day with all of them', value: day, unit: 'ms' }],
      notes: [`${deliveries} deliveries to ${ALL_VENDORS.length} tools`],
    }
  },
}

/** @returns where a database is that has one shop, with so many deliveries over so many days */
async function shopWith(bench: Bench, name: string, deliveries: number, days: number) {
  const url = await bench.postgres.database(name)
  const [shopId = 0] = await installShops(url, { count: 1, vendors: ALL_VENDORS })
  const web = await bench.start<App>('app.ts', `web-${name}`, environment(url, 'web'))
  const generator = await bench.start<Generator>('generator.ts', `generator-${name}`)
  await acceptViews(generator, await web.call('url'), 1, 1)
  await Promise.all([web.end(), generator.end()])
  const history = { template: shopId, shops: [shopId], vendors: ALL_VENDORS, deliveries, days }
  await fillHistory(url, { ...history, waiting: false })
  const { pool, close } = openDatabase(url)
  await pool.query('update rollups set seen_until = now() where name = $1', [DAYS_SEEN])
  await pool.query(
    `insert into delivery_days_due select distinct $1::int, (uuid_extract_timestamp(event_id) at time zone 'UTC')::date, now()
     from deliveries on conflict do nothing`,
    [shopId],
  )
  await close()
  await analyse(url)
  bench.say(`${deliveries} deliveries over ${days} days inserted`)
  return { url, shopId }
}

async function measure(bench: Bench, url: string, shopId: number) {
  const all = await counting(url, pool => rollUpDays(pool))
  const { pool, close } = openDatabase(url)
  try {
    await pool.query('vacuum analyze delivery_days')
    const days = lastDays(new Date(), DAYS, null)
    const sealer = createSealer([{ id: 'bench', bytes: Buffer.alloc(32, 7) }])
    const home = () =>
      Promise.all([
        listLanes(pool, sealer, shopId, MOST_COUNTED + 1),
        settledByDay(pool, shopId, days),
        countedUntil(pool, shopId),
        storefrontStatus(pool, shopId),
        readSetUp(pool, shopId),
      ])
    const one = await p95(bench, async () => {
      await pool.query('insert into delivery_days_due values ($1, $2, now())', [shopId, days.from])
      await rollUpDays(pool)
    })
    return [
      { name: 'what Home reads, p95', value: await p95(bench, home), unit: 'ms' as const, aim: AIM },
      {
        name: 'counts by type and reason, p95',
        value: await p95(bench, () => dailyCounts(pool, shopId, days)),
        unit: 'ms' as const,
        aim: AIM,
      },
      { name: `counting ${DAYS} days anew`, value: all, unit: 'ms' as const },
      { name: 'looking for changes, and counting one day, p95', value: one, unit: 'ms' as const },
    ]
  } finally {
    await close()
  }
}

async function counting(url: string, work: (pool: Pool) => Promise<unknown>): Promise<number> {
  const { pool, close } = openDatabase(url)
  try {
    return await timed(() => work(pool))
  } finally {
    await close()
  }
}

async function p95(bench: Bench, work: () => Promise<unknown>): Promise<number> {
  const samples: number[] = []
  // The pool's connections are open by then, as in a process that runs.
  for (let warm = 0; warm < 5; warm++) await work()
  for (let round = 0; round < (bench.quick ? 5 : ROUNDS); round++) samples.push(await timed(work))
  return summarise(samples).p95
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await work()
  return performance.now() - started
}
