/**
 * From the acknowledgement of an order to its request's arrival at the vendor, when nothing else happens; against
 * the time that sending the same request takes.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { App } from '../children/app.ts'
import type { Sender } from '../children/sender.ts'
import type { StandIns } from '../children/vendors.ts'
import { acknowledge, waitForOrder } from '../support/arrivals.ts'
import type { Suite } from '../support/bench.ts'
import { summarise } from '../support/percentiles.ts'
import { prepare } from '../support/requests.ts'
import { environment, installShops, SECRET, shopDomain } from '../support/setup.ts'

const VENDOR = 'ecomail'
/** Orders that are not counted: the first ones find cold processes. */
const WARM_UP = 5
/** Between two orders, so that each finds an idle system, and another moment between two looks of the job engine. */
const PAUSE_MS = { least: 50, most: 350 }

export const latency: Suite = {
  id: 'latency',
  about: 'webhook acknowledged to request received by the vendor, one order at a time',
  async run(bench) {
    const orders = bench.quick ? 5 : 100
    const database = await bench.postgres.database('ours')
    await installShops(database, { count: 1, vendors: [VENDOR] })
    const standIns = await bench.start<StandIns>('vendors.ts', 'vendors')
    const urls = await standIns.call('urls')
    const web = await bench.start<App>('app.ts', 'web', environment(database, 'web'))
    await bench.start<App>('app.ts', 'worker', {
      ...environment(database, 'worker', urls),
      BENCH_LIFTED: '1',
    })
    const url = await web.call('url')
    const count = WARM_UP + orders
    const spans: number[] = []
    for (const request of prepare({ kind: 'orders', secret: SECRET, shop: shopDomain(0), from: 0, count })) {
      const acknowledged = await acknowledge(url, request)
      spans.push((await waitForOrder(standIns, VENDOR)) - acknowledged)
      await delay(PAUSE_MS.least + Math.random() * (PAUSE_MS.most - PAUSE_MS.least))
    }
    const requests = await standIns.call('requests', VENDOR)
    const sender = await bench.start<Sender>('sender.ts', 'sender')
    const { each } = await sender.call('send', { url: urls[VENDOR] ?? '', requests, concurrency: 1 })
    const ours = summarise(spans.slice(WARM_UP))
    const direct = summarise(each.slice(WARM_UP))
    return {
      figures: [
        { name: 'p50', value: ours.p50, unit: 'ms', aim: { most: 50 } },
        { name: 'p95', value: ours.p95, unit: 'ms' },
        { name: 'p99', value: ours.p99, unit: 'ms', aim: { most: 500 } },
        { name: 'sent directly, p50', value: direct.p50, unit: 'ms' },
        { name: 'sent directly, p99', value: direct.p99, unit: 'ms' },
        { name: 'p50 / p50 sent directly', value: ours.p50 / direct.p50, unit: 'ratio' },
      ],
    }
  },
}
