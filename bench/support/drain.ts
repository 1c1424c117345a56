/** How fast a worker delivers what waits. */
import { setTimeout as delay } from 'node:timers/promises'
import type { App } from '../children/app.ts'
import type { Generator } from '../children/generator.ts'
import type { Sender } from '../children/sender.ts'
import type { StandIns } from '../children/vendors.ts'
import type { Bench } from './bench.ts'
import { analyse, query } from './postgres.ts'
import { environment } from './setup.ts'
import { acceptViews, VIEWERS } from './views.ts'

const PATIENCE_SECONDS = 600
const RECORD_PATIENCE_MS = 30_000
/** The worker has just started: so much of the backlog warms it up, as the first pass warms up the bare loop. */
const WARM_SHARE = 0.3

export type Backlog = {
  /** Names the processes; one run uses each name once. */
  name: string
  database: string
  vendor: 'alana' | 'topmail'
  /** Installed already, with this vendor alone. */
  shops: number
  /** In all, spread over the shops. */
  deliveries: number
}

/**
 * Has views accepted while no worker runs, then starts one with the limits lifted, and waits until all are delivered.
 * @param bareConcurrency also sends the same requests by a bare loop, so many at once
 * @returns deliveries per second, once the worker is warm; `bare` is NaN without a loop
 * @throws when a delivery is not `delivered` in the end
 */
export async function drainRate(
  bench: Bench,
  backlog: Backlog,
  bareConcurrency = 0,
): Promise<{ rate: number; bare: number }> {
  const { name, database, vendor } = backlog
  const standIns = await bench.start<StandIns>('vendors.ts', `vendors-${name}`)
  const urls = await standIns.call('urls')
  await preload(bench, backlog)
  await analyse(database)
  const before = await statesIn(database)
  const total = before.open
  await standIns.call('contacts', VIEWERS)
  const env = { ...environment(database, 'worker', urls), BENCH_LIFTED: '1' }
  const worker = await bench.start<App>('app.ts', `worker-${name}`, env)
  const from = Math.floor(total * WARM_SHARE)
  const { ms, counted } = await standIns.call('until', {
    vendor,
    taken: total,
    from,
    seconds: PATIENCE_SECONDS,
  })
  await assertDelivered(database, before)
  await worker.end()
  let bareMs = Number.NaN
  if (bareConcurrency > 0) {
    const requests = await standIns.call('requests', vendor)
    const sender = await bench.start<Sender>('sender.ts', `sender-${name}`)
    // The first pass only warms both sides up.
    for (let pass = 0; pass < 2; pass++) {
      await standIns.call('reset')
      await standIns.call('contacts', VIEWERS)
      bareMs = (
        await sender.call('send', { url: urls[vendor] ?? '', requests, concurrency: bareConcurrency })
      ).ms
    }
    await sender.end()
  }
  await standIns.end()
  return { rate: (counted / ms) * 1000, bare: (total / bareMs) * 1000 }
}

async function preload(bench: Bench, { name, database, shops, deliveries }: Backlog): Promise<void> {
  const web = await bench.start<App>('app.ts', `web-${name}`, environment(database, 'web'))
  const generator = await bench.start<Generator>('generator.ts', `generator-${name}`)
  await acceptViews(generator, await web.call('url'), shops, Math.ceil(deliveries / shops))
  await generator.end()
  await web.end()
}

type States = { open: number; delivered: number }

async function statesIn(database: string): Promise<States> {
  const [states] = await query<States>(
    database,
    `select count(*) filter (where state in ('pending', 'retry'))::int as open,
            count(*) filter (where state = 'delivered')::int as delivered
     from deliveries`,
  )
  return states ?? { open: 0, delivered: 0 }
}

/** What the vendor took last is recorded a moment later. */
async function assertDelivered(database: string, before: States): Promise<void> {
  const deadline = Date.now() + RECORD_PATIENCE_MS
  for (;;) {
    const { open, delivered } = await statesIn(database)
    if (open === 0 && delivered === before.delivered + before.open) return
    if (Date.now() > deadline) {
      const now = `${open} are open and ${delivered - before.delivered} delivered`
      throw new Error(`not all ${before.open} were delivered: ${now}`)
    }
    await delay(100)
  }
}
