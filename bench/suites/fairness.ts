/**
 * How long small shops' orders take to their vendor at a low, steady rate: alone; and beside a shop that is very far
 * behind and a vendor that no longer answers, with which the small shops are connected as well.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { App } from '../children/app.ts'
import type { Generator } from '../children/generator.ts'
import type { Arrival, StandIns } from '../children/vendors.ts'
import { acknowledge } from '../support/arrivals.ts'
import type { Bench, Suite } from '../support/bench.ts'
import type { Child } from '../support/child.ts'
import { fillHistory } from '../support/history.ts'
import { FIRST_ORDER } from '../support/orders.ts'
import { type Summary, summarise } from '../support/percentiles.ts'
import { prepare } from '../support/requests.ts'
import { environment, installShops, SECRET, shopDomain } from '../support/setup.ts'
import { acceptViews, VIEWERS } from '../support/views.ts'

const MEASURED = 'ecomail'
const DEAD = 'voucherify'
const BEHIND = 'topmail'
/** Orders per second of all small shops together. */
const RATE = 5
/** An order that has not arrived by then counts as having taken this long. */
const PATIENCE_MS = 60_000

type Run = { url: string; standIns: Child<StandIns>; shops: number; orders: number; from: number }

export const fairness: Suite = {
  id: 'fairness',
  about: 'webhook acknowledged to request received, small shops beside a shop far behind and a dead vendor',
  async run(bench) {
    const shops = bench.quick ? 2 : 10
    const orders = bench.quick ? 5 : 40 * RATE
    const backlog = bench.quick ? 500 : 100_000
    const { standIns, url, generator, database, big } = await start(bench, shops)
    const run = { url, standIns, shops, orders }
    await measure({ ...run, orders: shops * 2, from: 0 })
    const alone = await measure({ ...run, from: 1000 })
    bench.say(`alone: p95 ${alone.p95.toFixed(0)} ms`)
    const history = {
      template: big,
      shops: [big],
      vendors: [BEHIND],
      deliveries: backlog,
      days: 0,
      waiting: true,
    }
    await fillHistory(database, history)
    await standIns.call('fail', { vendor: DEAD, fault: { hang: true, times: 1_000_000 } })
    // One more view wakes the big shop's lane, and an order of each small shop runs into the dead vendor.
    await acceptViews(generator, url, 1, 1)
    await measure({ ...run, orders: shops, from: 2000 })
    const beside = await measure({ ...run, from: 3000 })
    return {
      figures: [
        { name: 'alone p50', value: alone.p50, unit: 'ms' },
        { name: 'alone p95', value: alone.p95, unit: 'ms' },
        { name: 'beside both p50', value: beside.p50, unit: 'ms' },
        { name: 'beside both p95', value: beside.p95, unit: 'ms' },
        { name: 'beside both max', value: beside.max, unit: 'ms' },
        {
          name: 'p95 beside both / p95 alone',
          value: beside.p95 / alone.p95,
          unit: 'ratio',
          aim: { most: 1.5 },
        },
      ],
      notes: [
        `${shops} small shops, ${RATE} orders/s in all; ${backlog} deliveries behind at ${BEHIND}, ${DEAD} hangs`,
        bench.lifted ? "without the vendors' limits" : "within the vendors' limits",
      ],
    }
  },
}

async function start(bench: Bench, shops: number) {
  const database = await bench.postgres.database('ours')
  const [big = 0] = await installShops(database, { count: 1, vendors: [BEHIND] })
  await installShops(database, { count: shops, vendors: [MEASURED, DEAD], from: 1 })
  const limits: Record<string, string> = bench.lifted ? {} : { BENCH_LIMITS: '1' }
  const lifted: Record<string, string> = bench.lifted ? { BENCH_LIFTED: '1' } : {}
  const standIns = await bench.start<StandIns>('vendors.ts', 'vendors', limits)
  await standIns.call('contacts', VIEWERS)
  const web = await bench.start<App>('app.ts', 'web', environment(database, 'web'))
  const url = await web.call('url')
  const generator = await bench.start<Generator>('generator.ts', 'generator')
  await acceptViews(generator, url, 1, 1)
  const urls = await standIns.call('urls')
  await bench.start<App>('app.ts', 'worker', { ...environment(database, 'worker', urls), ...lifted })
  return { standIns, url, generator, database, big }
}

/** Sends orders by the clock, the shops in turns. @returns milliseconds from acknowledgement to arrival */
async function measure({ url, standIns, shops, orders, from }: Run): Promise<Summary> {
  const acknowledged = new Map<string, number>()
  const arrived = new Map<string, number>()
  const note = (arrivals: Arrival[]) => {
    for (const { order, at } of arrivals) arrived.set(order, at)
  }
  const started = performance.now()
  const sending: Promise<void>[] = []
  for (let number = from; number < from + orders; number++) {
    const shop = shopDomain(1 + (number % shops))
    const [request] = prepare({ kind: 'orders', secret: SECRET, shop, from: number, count: 1 })
    await delay(Math.max(0, started + ((number - from) / RATE) * 1000 - performance.now()))
    if (!request) continue
    const sent = acknowledge(url, request).then(at => void acknowledged.set(String(FIRST_ORDER + number), at))
    sending.push(sent)
    note(await standIns.call('arrivals', MEASURED))
  }
  await Promise.all(sending)
  const deadline = Date.now() + PATIENCE_MS
  const missing = () => [...acknowledged.keys()].some(order => !arrived.has(order))
  while (missing() && Date.now() < deadline) {
    note(await standIns.call('arrivals', MEASURED))
    await delay(20)
  }
  const span = ([order, at]: [string, number]) => (arrived.get(order) ?? at + PATIENCE_MS) - at
  return summarise([...acknowledged].map(span))
}
