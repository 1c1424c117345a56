/**
 * Webhooks kept per second, against the least a webhook can cost (its signature checked, nothing kept) and against
 * the usual Remix route that keeps one row; then how long a caller waits at a rate that leaves some air.
 */
import type { App } from '../children/app.ts'
import type { Ceiling } from '../children/ceiling.ts'
import type { Generator } from '../children/generator.ts'
import type { UsualRemix } from '../children/remix.ts'
import type { Bench, Figure, Suite } from '../support/bench.ts'
import type { Child } from '../support/child.ts'
import type { LoadResult } from '../support/load.ts'
import { ORDER_BYTES } from '../support/orders.ts'
import { median, summarise } from '../support/percentiles.ts'
import { query } from '../support/postgres.ts'
import { ALL_VENDORS, environment, installShops, SECRET, shopDomain } from '../support/setup.ts'

export const CONNECTIONS = 32
/** Of our own rate, when waiting is measured. */
const OPEN_SHARE = 0.8
/** More than any of the servers that keep something answers per second on two cores. */
const MOST_PER_SECOND = 4000

type Server = { name: 'ours' | 'remix' | 'ceiling'; url: string }

export const ingest: Suite = {
  id: 'ingest',
  about: `durable webhooks per second, POST /webhooks, ${ORDER_BYTES / 1024} kB orders`,
  async run(bench) {
    const seconds = bench.quick ? 1 : 6
    const ours = await bench.postgres.database('ours')
    const servers = await startServers(bench, ours)
    const generator = await bench.start<Generator>('generator.ts', 'generator')
    const load = loader(generator)
    const rates = { ours: [] as number[], remix: [] as number[], ceiling: [] as number[] }
    let kept = 0
    for (const server of servers) {
      const warm = await load(server, bench.quick ? 0.5 : 4)
      if (server.name === 'ours') kept += warm.ok
    }
    for (let round = 0; round < (bench.quick ? 1 : 3); round++) {
      for (const server of servers) {
        const result = await load(server, seconds)
        bench.say(`${server.name} ${result.rate.toFixed(0)}/s`)
        rates[server.name].push(result.rate)
        if (server.name === 'ours') kept += result.ok
      }
    }
    const [rate, remix, ceiling] = [median(rates.ours), median(rates.remix), median(rates.ceiling)]
    const open = await load(
      { name: 'ours', url: servers[0]?.url ?? '' },
      bench.quick ? 1 : 15,
      rate * OPEN_SHARE,
    )
    kept += open.ok
    await assertKept(ours, kept)
    const wait = summarise([...open.latencies])
    const figures: Figure[] = [
      { name: 'ours', value: rate, unit: '/s' },
      { name: 'usual Remix route', value: remix, unit: '/s' },
      { name: 'ceiling (signature only)', value: ceiling, unit: '/s' },
      { name: 'ours / usual Remix route', value: rate / remix, unit: 'ratio', aim: { least: 3 } },
      { name: 'ours / ceiling', value: rate / ceiling, unit: 'ratio', aim: { least: 0.25 } },
      { name: 'open loop', value: open.rate, unit: '/s' },
      { name: 'open loop p50', value: wait.p50, unit: 'ms' },
      { name: 'open loop p95', value: wait.p95, unit: 'ms' },
      { name: 'open loop p99', value: wait.p99, unit: 'ms', aim: { most: 250 } },
      { name: 'kept (rows = answers of 200)', value: kept, unit: 'count' },
    ]
    return { figures }
  },
}

async function startServers(bench: Bench, databaseUrl: string): Promise<Server[]> {
  await installShops(databaseUrl, { count: 1, vendors: ALL_VENDORS })
  const web = await bench.start<App>('app.ts', 'web', environment(databaseUrl, 'web'))
  const remix = await bench.start<UsualRemix>('remix.ts', 'remix', {
    DATABASE_URL: await bench.postgres.database('remix'),
    SHOPIFY_API_SECRET: SECRET,
    BENCH_SHOP: shopDomain(0),
  })
  const ceiling = await bench.start<Ceiling>('ceiling.ts', 'ceiling', { SHOPIFY_API_SECRET: SECRET })
  return [
    { name: 'ours', url: await web.call('url') },
    { name: 'remix', url: await remix.call('url') },
    { name: 'ceiling', url: await ceiling.call('url') },
  ]
}

/** Every request of a run is another order, but for the server that keeps nothing. With a rate the run is open. */
function loader(generator: Child<Generator>) {
  let from = 0
  return async ({ name, url }: Server, seconds: number, rate?: number): Promise<LoadResult> => {
    const count = Math.ceil((rate ?? MOST_PER_SECOND) * seconds) + 1
    await generator.call('prepare', { kind: 'orders', secret: SECRET, shop: shopDomain(0), from, count })
    from += count
    const target = { url, seconds, connections: CONNECTIONS, repeat: name === 'ceiling' }
    const result = rate
      ? await generator.call('open', { ...target, connections: 256, rate })
      : await generator.call('closed', target)
    if (result.ok < result.sent) throw new Error(`${name} refused requests: ${JSON.stringify(result.others)}`)
    return result
  }
}

/** An answer of 200 means that it was committed: there is a receipt and an event for each. */
async function assertKept(databaseUrl: string, kept: number): Promise<void> {
  const [rows] = await query<{ receipts: number; events: number }>(
    databaseUrl,
    'select (select count(*)::int from receipts) as receipts, (select count(*)::int from events) as events',
  )
  if (rows?.receipts !== kept || rows.events !== kept)
    throw new Error(`${kept} webhooks were acknowledged, and kept were ${JSON.stringify(rows)}`)
}
