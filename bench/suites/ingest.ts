/**
 * Webhooks kept per second, in the spool or accepted at once, against the least a webhook can cost (its signature checked, nothing kept) and against
 * the usual Remix route that keeps one row; then how long a caller waits at a rate that leaves some air.
 */
import { setTimeout as delay } from 'node:timers/promises'
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
import { ALL_VENDORS, environment, installShops, SECRET, SPOOLING, shopDomain } from '../support/setup.ts'

/** Of our own rate, when waiting is measured. */
const OPEN_SHARE = 0.8

/** How long a worker may take up what was spooled, in seconds: long enough to tell how fast it is. */
const TAKING_SECONDS = 10

const NAMES = ['ours', 'direct', 'remix', 'ceiling'] as const
type Name = (typeof NAMES)[number]
type Server = { name: Name; url: string; database: string | null; usage(): Promise<Usage> }

export const ingest: Suite = {
  id: 'ingest',
  about: `durable webhooks per second, POST /webhooks, ${ORDER_BYTES / 1024} kB orders`,
  async run(bench) {
    const seconds = bench.quick ? 1 : 5
    const servers = await startServers(bench)
    const drive = driver(await bench.start<Generator>('generator.ts', 'generator'))
    const rates = byName<number[]>(() => [])
    const cpu = byName<number[]>(() => [])
    const kept = byName(() => 0)
    const load = async (server: Server, over: Omit<Drive, 'url'>) => {
      const result = await drive({ url: server.url, repeat: server.name === 'ceiling', ...over })
      kept[server.name] += result.ok
      return result
    }
    for (const server of servers) await load(server, { seconds: bench.quick ? 0.5 : 4 })
    for (const { database } of servers) if (database) await analyse(database)
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
    const [ours, direct] = servers
    const rate = median(rates.ours)
    const open = await load(ours, { seconds: bench.quick ? 1 : 10, rate: rate * OPEN_SHARE })
    const wait = summarise([...open.latencies])
    await assertKept(ours.database, kept.ours)
    await assertKept(direct.database, kept.direct)
    const taken = await takeUp(bench, ours.database)
    await assertKept(ours.database, kept.ours)
    const against = (name: Name) => rate / median(rates[name])
    const figures: Figure[] = [
      { name: 'ours', value: rate, unit: '/s' },
      { name: 'ours, accepted at once (no spool)', value: median(rates.direct), unit: '/s' },
      { name: 'usual Remix route', value: median(rates.remix), unit: '/s' },
      { name: 'ceiling (signature only)', value: median(rates.ceiling), unit: '/s' },
      { name: 'ours / usual Remix route', value: against('remix'), unit: 'ratio', aim: { least: 3 } },
      { name: 'ours / ceiling', value: against('ceiling'), unit: 'ratio', aim: { least: 0.25 } },
      { name: 'ours: processor time per webhook', value: median(cpu.ours), unit: 'ms' },
      { name: 'accepted at once: processor time per webhook', value: median(cpu.direct), unit: 'ms' },
      { name: 'usual Remix route: processor time per webhook', value: median(cpu.remix), unit: 'ms' },
      { name: 'open loop', value: open.rate, unit: '/s' },
      { name: 'open loop p50', value: wait.p50, unit: 'ms' },
      { name: 'open loop p95', value: wait.p95, unit: 'ms' },
      { name: 'open loop p99', value: wait.p99, unit: 'ms', aim: { most: 250 } },
      { name: 'kept (in the spool or accepted = answers of 200)', value: kept.ours, unit: 'count' },
      { name: 'taken up from the spool by one worker', value: taken, unit: '/s' },
    ]
    return { figures }
  },
}

function byName<T>(make: () => T): Record<Name, T> {
  return Object.fromEntries(NAMES.map(name => [name, make()])) as Record<Name, T>
}

type Ours = Server & { database: string }

async function startServers(bench: Bench): Promise<[Ours, Ours, Server, Server]> {
  const startOurs = async (name: 'ours' | 'direct', env: Record<string, string>): Promise<Ours> => {
    const database = await bench.postgres.database(name)
    await installShops(database, { count: 1, vendors: ALL_VENDORS })
    const web = await bench.start<App>('app.ts', name, { ...environment(database, 'web'), ...env })
    return { name, database, url: await web.call('url'), usage: web.usage }
  }
  const ours = await startOurs('ours', SPOOLING)
  const direct = await startOurs('direct', {})
  const remix = await bench.start<UsualRemix>('remix.ts', 'remix', {
    DATABASE_URL: await bench.postgres.database('remix'),
    SHOPIFY_API_SECRET: SECRET,
    BENCH_SHOP: shopDomain(0),
  })
  const ceiling = await bench.start<Ceiling>('ceiling.ts', 'ceiling', { SHOPIFY_API_SECRET: SECRET })
  return [
    ours,
    direct,
    { name: 'remix', database: null, url: await remix.call('url'), usage: remix.usage },
    { name: 'ceiling', database: null, url: await ceiling.call('url'), usage: ceiling.usage },
  ]
}

type Kept = { receipts: number; events: number; spooled: number }

async function count(databaseUrl: string): Promise<Kept> {
  const [rows] = await query<Kept>(
    databaseUrl,
    `select (select count(*)::int from receipts) as receipts, (select count(*)::int from events) as events,
            (select coalesce(sum(items), 0)::int from spool) as spooled`,
  )
  if (!rows) throw new Error('the rows cannot be counted')
  return rows
}

/** An answer of 200 means that it was committed: there is a receipt and an event for each that is not in the spool. */
async function assertKept(databaseUrl: string, kept: number): Promise<void> {
  const rows = await count(databaseUrl)
  if (rows.receipts + rows.spooled !== kept || rows.events !== rows.receipts)
    throw new Error(`${kept} webhooks were acknowledged, and kept were ${JSON.stringify(rows)}`)
}

/** Lets a worker accept what was spooled, with every lane switched off: nothing is delivered meanwhile. @returns webhooks per second */
async function takeUp(bench: Bench, databaseUrl: string): Promise<number> {
  await query(databaseUrl, 'update connections set enabled = false')
  const worker = await bench.start<App>('app.ts', 'worker', environment(databaseUrl, 'worker'))
  const first = await count(databaseUrl)
  const started = performance.now()
  let last = first
  while (last.spooled > 0 && performance.now() - started < TAKING_SECONDS * 1000) {
    await delay(250)
    last = await count(databaseUrl)
  }
  const seconds = (performance.now() - started) / 1000
  await worker.end()
  return (first.spooled - last.spooled) / seconds
}
