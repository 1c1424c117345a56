/** How fast a worker delivers what waits. */
import type { App } from '../children/app.ts'
import type { Generator } from '../children/generator.ts'
import type { Sender } from '../children/sender.ts'
import type { StandIns } from '../children/vendors.ts'
import type { Bench } from './bench.ts'
import { analyse, query } from './postgres.ts'
import { environment } from './setup.ts'
import { acceptViews, VIEWER } from './views.ts'

const PATIENCE_SECONDS = 600

export type Backlog = {
  /** Names the processes; one run uses each name once. */
  name: string
  database: string
  vendor: 'alana' | 'topmail'
  /** Installed already, the vendor connected. */
  shops: number
  /** In all, spread over the shops. */
  deliveries: number
}

/**
 * Has views accepted while no worker runs, then starts one with the limits lifted, and waits until all are delivered.
 * @param bareConcurrency also sends the same requests by a bare loop, so many at once
 * @returns deliveries per second from the first request that the vendor got to the last one; `bare` is NaN without a loop
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
  const total = await preload(bench, backlog)
  await analyse(database)
  await standIns.call('contacts', [VIEWER])
  const env = { ...environment(database, 'worker', urls), BENCH_LIFTED: '1' }
  const worker = await bench.start<App>('app.ts', `worker-${name}`, env)
  const ms = await standIns.call('until', { vendor, taken: total, seconds: PATIENCE_SECONDS })
  await assertDelivered(database, total)
  await worker.end()
  let bareMs = Number.NaN
  if (bareConcurrency > 0) {
    const requests = await standIns.call('requests', vendor)
    const sender = await bench.start<Sender>('sender.ts', `sender-${name}`)
    // The first pass only warms both sides up.
    for (let pass = 0; pass < 2; pass++) {
      await standIns.call('reset')
      await standIns.call('contacts', [VIEWER])
      bareMs = (
        await sender.call('send', { url: urls[vendor] ?? '', requests, concurrency: bareConcurrency })
      ).ms
    }
    await sender.end()
  }
  await standIns.end()
  return { rate: (total / ms) * 1000, bare: (total / bareMs) * 1000 }
}

/** @returns how many deliveries wait */
async function preload(bench: Bench, { name, database, shops, deliveries }: Backlog): Promise<number> {
  const web = await bench.start<App>('app.ts', `web-${name}`, environment(database, 'web'))
  const generator = await bench.start<Generator>('generator.ts', `generator-${name}`)
  const each = await acceptViews(generator, await web.call('url'), shops, Math.ceil(deliveries / shops))
  await generator.end()
  await web.end()
  return each * shops
}

/** What the vendor took last is recorded a moment later. */
async function assertDelivered(database: string, total: number): Promise<void> {
  const deadline = Date.now() + 30_000
  for (;;) {
    const [rows] = await query<{ open: number; delivered: number }>(
      database,
      `select count(*) filter (where state in ('pending', 'retry'))::int as open,
              count(*) filter (where state = 'delivered')::int as delivered
       from deliveries`,
    )
    if (rows?.open === 0 && rows.delivered === total) return
    if (Date.now() > deadline) throw new Error(`not all ${total} were delivered: ${JSON.stringify(rows)}`)
  }
}
