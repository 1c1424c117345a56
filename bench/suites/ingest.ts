/**
 * Webhooks kept per second, against the least a webhook can cost (its signature checked, nothing kept) and against
 * the usual Remix route that keeps one row; then how long a caller waits at a rate that leaves some air.
 */
import type { App } from '../children/app.ts'
import type { Ceiling } from '../children/ceiling.ts'
import type { Generator } from '../children/generator.ts'
import type { UsualRemix } from '../children/remix.ts'
import type { Bench, Figure, Suite } from '../support/bench.ts'
import { type Drive, driver } from '../support/drive.ts'
import { ORDER_BYTES } from '../support/orders.ts'
import { median, summarise } from '../support/percentiles.ts'
import { analyse, query } from '../support/postgres.ts'
import type { Usage } from '../support/rpc.ts'
import { ALL_VENDORS, environment, installShops, SECRET, shopDomain } from '../support/setup.ts'

/** Of our own rate, when waiting is measured. */
const OPEN_SHARE = 0.8

type Name = 'ours' | 'remix' | 'ceiling'
type Server = { name: Name; url: string; usage(): Promise<Usage> }

export const ingest: Suite = {
  id: 'ingest',
  about: `durable webhooks per second, POST /webhooks, ${ORDER_BYTES / 1024} kB orders`,
  async run(bench) {
    const seconds = bench.quick ? 1 : 6
    const database = await bench.postgres.database('ours')
    const servers = await startServers(bench, database)
    const drive = driver(await bench.start<Generator>('generator.ts', 'generator'))
    const rates: Record<Name, number[]> = { ours: [], remix: [], ceiling: [] }
    const cpu: Record<Name, number[]> = { ours: [], remix: [], ceiling: [] }
    let kept = 0
    const load = async (server: Server, over: Omit<Drive, 'url'>) => {
      const result = await drive({ url: server.url, repeat: server.name === 'ceiling', ...over })
      if (server.name === 'ours') kept += result.ok
      return result
    }
    for (const server of servers) await load(server, { seconds: bench.quick ? 0.5 : 4 })
    await analyse(database)
    for (let round = 0; round < (bench.quick ? 1 : 3); round++) {
      for (const server of servers) {
        const before = await server.usage()
        const result = await load(server, { seconds })
        const spent = (await server.usage()).cpuMs - before.cpuMs
        bench.say(`${server.name} ${result.rate.toFixed(0)}/s`)
        rates[server.name].push(result.rate)
        cpu[server.name].push(spent / result.ok)
      }
    }
    const [rate, remix, ceiling] = [median(rates.ours), median(rates.remix), median(rates.ceiling)]
    const [ourServer] = servers
    const open = await load(ourServer, { seconds: bench.quick ? 1 : 15, rate: rate * OPEN_SHARE })
    await assertKept(database, kept)
    const wait = summarise([...open.latencies])
    const figures: Figure[] = [
      { name: 'ours', value: rate, unit: '/s' },
      { name: 'usual Remix route', value: remix, unit: '/s' },
      { name: 'ceiling (signature only)', value: ceiling, unit: '/s' },
      { name: 'ours / usual Remix route', value: rate / remix, unit: 'ratio', aim: { least: 3 } },
      { name: 'ours / ceiling', value: rate / ceiling, unit: 'ratio', aim: { least: 0.25 } },
      { name: 'ours: processor time per webhook', value: median(cpu.ours), unit: 'ms' },
      { name: 'usual Remix route: processor time per webhook', value: median(cpu.remix), unit: 'ms' },
      { name: 'open loop', value: open.rate, unit: '/s' },
      { name: 'open loop p50', value: wait.p50, unit: 'ms' },
      { name: 'open loop p95', value: wait.p95, unit: 'ms' },
      { name: 'open loop p99', value: wait.p99, unit: 'ms', aim: { most: 250 } },
      { name: 'kept (rows = answers of 200)', value: kept, unit: 'count' },
    ]
    return { figures }
  },
}

async function startServers(bench: Bench, databaseUrl: string): Promise<[Server, Server, Server]> {
  await installShops(databaseUrl, { count: 1, vendors: ALL_VENDORS })
  const web = await bench.start<App>('app.ts', 'web', environment(databaseUrl, 'web'))
  const remix = await bench.start<UsualRemix>('remix.ts', 'remix', {
    DATABASE_URL: await bench.postgres.database('remix'),
    SHOPIFY_API_SECRET: SECRET,
    BENCH_SHOP: shopDomain(0),
  })
  const ceiling = await bench.start<Ceiling>('ceiling.ts', 'ceiling', { SHOPIFY_API_SECRET: SECRET })
  return [
    { name: 'ours', url: await web.call('url'), usage: web.usage },
    { name: 'remix', url: await remix.call('url'), usage: remix.usage },
    { name: 'ceiling', url: await ceiling.call('url'), usage: ceiling.usage },
  ]
}

/** An answer of 200 means that it was committed: there is a receipt and an event for each. */
async function assertKept(databaseUrl: string, kept: number): Promise<void> {
  const [rows] = await query<{ receipts: number; events: number; spooled: number }>(
    databaseUrl,
    `select (select count(*)::int from receipts) as receipts, (select count(*)::int from events) as events,
            (select coalesce(sum(items), 0)::int from spool) as spooled`,
  )
  if (!rows || rows.receipts !== kept - rows.spooled || rows.events !== rows.receipts)
    throw new Error(`${kept} webhooks were acknowledged, and kept were ${JSON.stringify(rows)}`)
}
