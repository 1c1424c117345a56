/**
 * Deliveries per second of work that waits, to a vendor with batches and to one without, in one lane and in many,
 * against a bare loop that sends the same requests to the same stand-in with the concurrency that the vendor
 * declares for a lane. Nobody limits the rate here.
 */
import { alana } from '../../app/vendors/alana/index.ts'
import { topmail } from '../../app/vendors/topmail/index.ts'
import type { App } from '../children/app.ts'
import type { Generator } from '../children/generator.ts'
import type { Sender } from '../children/sender.ts'
import type { StandIns } from '../children/vendors.ts'
import type { Bench, Figure, Suite } from '../support/bench.ts'
import { query } from '../support/postgres.ts'
import { environment, installShops } from '../support/setup.ts'
import { acceptViews, VIEWER } from '../support/views.ts'

type Case = { vendor: 'alana' | 'topmail'; shops: number; deliveries: number; concurrency: number }

/** Of deliveries; what the stand-in's inbox keeps bounds the requests, which the bare loop repeats. */
const COUNTS = { alana: { full: 40_000, quick: 200 }, topmail: { full: 3_000, quick: 40 } }
const CONCURRENCY = {
  alana: alana.limits(alana.settings.parse({ apiKey: 'ak_bench' })).concurrency,
  topmail: topmail.limits(topmail.settings.parse({ apiKey: 'tm_bench' })).concurrency,
}
const PATIENCE_SECONDS = 600

export const delivery: Suite = {
  id: 'delivery',
  about: 'deliveries per second of a backlog, limits lifted',
  async run(bench) {
    const figures: Figure[] = []
    for (const vendor of ['alana', 'topmail'] as const) {
      for (const shops of [1, 20]) {
        const deliveries = COUNTS[vendor][bench.quick ? 'quick' : 'full']
        figures.push(
          ...(await measure(bench, { vendor, shops, deliveries, concurrency: CONCURRENCY[vendor] * shops })),
        )
      }
    }
    return { figures }
  },
}

async function measure(bench: Bench, { vendor, shops, deliveries, concurrency }: Case): Promise<Figure[]> {
  const name = `${vendor}_${shops}`
  const standIns = await bench.start<StandIns>('vendors.ts', `vendors-${name}`)
  const urls = await standIns.call('urls')
  const database = await bench.postgres.database(name)
  await installShops(database, { count: shops, vendors: [vendor] })
  const total = await preload(bench, database, name, shops, deliveries)
  await standIns.call('contacts', [VIEWER])
  const env = { ...environment(database, 'worker', urls), BENCH_LIFTED: '1' }
  const worker = await bench.start<App>('app.ts', `worker-${name}`, env)
  const ms = await standIns.call('until', { vendor, taken: total, seconds: PATIENCE_SECONDS })
  await assertDelivered(database, total)
  await worker.end()

  const requests = await standIns.call('requests', vendor)
  const sender = await bench.start<Sender>('sender.ts', `sender-${name}`)
  const job = { url: urls[vendor] ?? '', requests, concurrency }
  // The first pass only warms both sides up.
  const passes: number[] = []
  for (let pass = 0; pass < 2; pass++) {
    await standIns.call('reset')
    await standIns.call('contacts', [VIEWER])
    passes.push((await sender.call('send', job)).ms)
  }
  await sender.end()
  await standIns.end()
  const rate = total / (ms / 1000)
  const bare = total / ((passes[1] ?? Number.NaN) / 1000)
  bench.say(`${vendor}, ${shops} lanes: ${rate.toFixed(0)}/s, bare loop ${bare.toFixed(0)}/s`)
  const where = `${vendor}, ${shops === 1 ? 'one lane' : `${shops} lanes`}`
  return [
    { name: where, value: rate, unit: '/s' },
    { name: `${where}: bare loop`, value: bare, unit: '/s' },
    { name: `${where}: ours / bare loop`, value: rate / bare, unit: 'ratio', aim: { least: 0.5 } },
  ]
}

/** @returns how many deliveries wait */
async function preload(bench: Bench, database: string, name: string, shops: number, deliveries: number) {
  const web = await bench.start<App>('app.ts', `web-${name}`, environment(database, 'web'))
  const generator = await bench.start<Generator>('generator.ts', `generator-${name}`)
  const each = await acceptViews(generator, await web.call('url'), shops, Math.ceil(deliveries / shops))
  await generator.end()
  await web.end()
  return each * shops
}

/** What the vendor stored last is recorded a moment later. */
async function assertDelivered(database: string, total: number): Promise<void> {
  const deadline = Date.now() + 30_000
  for (;;) {
    const states = await query<{ state: string; count: number }>(
      database,
      'select state, count(*)::int as count from deliveries group by state',
    )
    if (states.length === 1 && states[0]?.state === 'delivered' && states[0].count === total) return
    if (Date.now() > deadline) throw new Error(`not all ${total} were delivered: ${JSON.stringify(states)}`)
  }
}
