/** Whether a database with months of deliveries takes and delivers as many events as an empty one. */
import type { App } from '../children/app.ts'
import type { Generator } from '../children/generator.ts'
import type { Bench, Suite } from '../support/bench.ts'
import { drainRate } from '../support/drain.ts'
import { driver } from '../support/drive.ts'
import { fillHistory } from '../support/history.ts'
import { median } from '../support/percentiles.ts'
import { analyse } from '../support/postgres.ts'
import { ALL_VENDORS, environment, installShops } from '../support/setup.ts'
import { acceptViews } from '../support/views.ts'

const VENDORS = ['alana', 'topmail']
const SHOPS = 100
const DAYS = 90

export const age: Suite = {
  id: 'age',
  about: `webhooks and deliveries per second with ${DAYS} days of history, against an empty database`,
  async run(bench) {
    const deliveries = bench.quick ? 50_000 : 5_000_000
    const empty = await bench.postgres.database('empty')
    const old = await bench.postgres.database('old')
    await install(empty)
    const shops = await install(old)
    await addHistory(bench, old, shops, deliveries)
    const drained = await deliveryRates(bench, { empty, old })
    const ingested = await ingestRates(bench, { empty, old })
    return {
      figures: [
        { name: 'webhooks, empty', value: ingested.empty, unit: '/s' },
        { name: 'webhooks, old', value: ingested.old, unit: '/s' },
        {
          name: 'webhooks, old / empty',
          value: ingested.old / ingested.empty,
          unit: 'ratio',
          aim: { least: 0.9 },
        },
        { name: 'deliveries, empty', value: drained.empty, unit: '/s' },
        { name: 'deliveries, old', value: drained.old, unit: '/s' },
        {
          name: 'deliveries, old / empty',
          value: drained.old / drained.empty,
          unit: 'ratio',
          aim: { least: 0.9 },
        },
      ],
      notes: [`${deliveries} old deliveries of ${SHOPS} shops over ${DAYS} days`],
    }
  },
}

/** The first shop is for deliveries to one vendor, the others take orders for all. @returns the shops' ids */
async function install(database: string): Promise<number[]> {
  const first = await installShops(database, { count: 1, vendors: ['topmail'] })
  return [...first, ...(await installShops(database, { count: SHOPS - 1, vendors: ALL_VENDORS, from: 1 }))]
}

async function addHistory(
  bench: Bench,
  database: string,
  shops: number[],
  deliveries: number,
): Promise<void> {
  const web = await bench.start<App>('app.ts', 'web-history', environment(database, 'web'))
  const generator = await bench.start<Generator>('generator.ts', 'generator-history')
  await acceptViews(generator, await web.call('url'), 1, 1)
  await Promise.all([web.end(), generator.end()])
  const started = Date.now()
  const [template = 0] = shops
  await fillHistory(database, { template, shops, vendors: VENDORS, deliveries, days: DAYS, waiting: false })
  bench.say(`${deliveries} deliveries inserted in ${((Date.now() - started) / 1000).toFixed(0)} s`)
}

/** Both in turns, as for webhooks. */
async function deliveryRates(bench: Bench, databases: { empty: string; old: string }) {
  const rates = { empty: [] as number[], old: [] as number[] }
  const deliveries = bench.quick ? 40 : 4000
  for (let round = 0; round < (bench.quick ? 1 : 3); round++) {
    for (const name of ['empty', 'old'] as const) {
      const backlog = {
        name: `${name}-${round}`,
        database: databases[name],
        vendor: 'topmail',
        shops: 1,
        deliveries,
      } as const
      const { rate } = await drainRate(bench, backlog)
      bench.say(`${name}: ${rate.toFixed(0)} deliveries/s`)
      rates[name].push(rate)
    }
  }
  return { empty: median(rates.empty), old: median(rates.old) }
}

/** Both in turns, so that whatever else the machine does falls on both. */
async function ingestRates(bench: Bench, databases: { empty: string; old: string }) {
  const drive = driver(await bench.start<Generator>('generator.ts', 'generator'))
  const rates = { empty: [] as number[], old: [] as number[] }
  const urls = { empty: '', old: '' }
  const names = ['empty', 'old'] as const
  for (const name of names) {
    const web = await bench.start<App>('app.ts', `ingest-${name}`, environment(databases[name], 'web'))
    urls[name] = await web.call('url')
    await drive({ url: urls[name], seconds: bench.quick ? 0.5 : 4, shop: 1 })
    await analyse(databases[name])
  }
  for (let round = 0; round < (bench.quick ? 1 : 3); round++) {
    for (const name of names) {
      const { rate } = await drive({ url: urls[name], seconds: bench.quick ? 1 : 6, shop: 1 })
      bench.say(`${name}: ${rate.toFixed(0)} webhooks/s`)
      rates[name].push(rate)
    }
  }
  return { empty: median(rates.empty), old: median(rates.old) }
}
