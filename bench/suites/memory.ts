/**
 * What web, worker and PostgreSQL occupy under load, and whether it grows: an hour's events of a medium shop pressed
 * into minutes, with a look after each tenth of it, when all is delivered and garbage is collected.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { App } from '../children/app.ts'
import type { Generator } from '../children/generator.ts'
import type { StandIns } from '../children/vendors.ts'
import type { Bench, Figure, Suite } from '../support/bench.ts'
import type { Child } from '../support/child.ts'
import { driver } from '../support/drive.ts'
import { MEGABYTE, postgresMemory } from '../support/memory.ts'
import { mean, slope } from '../support/percentiles.ts'
import { query } from '../support/postgres.ts'
import { ALL_VENDORS, environment, installShops } from '../support/setup.ts'
import { acceptViews, VIEWERS } from '../support/views.ts'

const POINTS = 10
const SAMPLE_MS = 250
const IDLE_PATIENCE_MS = 600_000
/** Flat: the last third occupies at most this much of what the middle third did. */
const FLAT = 1.1

type Part = {
  name: string
  now(): Promise<number>
  settled(): Promise<number>
  peak: number
  points: number[]
}

export const memory: Suite = {
  id: 'memory',
  about: "memory of web, worker and PostgreSQL over an hour's events of a medium shop",
  async run(bench) {
    const hour = bench.quick ? { orders: 20, views: 100 } : { orders: 1_000, views: 10_000 }
    const settleMs = bench.quick ? 100 : 2_000
    const { database, url, generator, parts } = await start(bench)
    const drive = driver(generator)
    const watching = watch(parts)
    for (let point = 0; point < POINTS; point++) {
      await drive({ url, seconds: 600, count: hour.orders / POINTS })
      await acceptViews(generator, url, 1, hour.views / POINTS)
      await idle(database)
      await delay(settleMs)
      for (const part of parts) part.points.push(await part.settled())
      bench.say(parts.map(part => `${part.name} ${part.points.at(-1)?.toFixed(0)} MB`).join(', '))
    }
    await watching.stop()
    const notes = parts.length < 3 ? ['PostgreSQL not measured: this system does not tell'] : []
    return {
      figures: parts.flatMap(figuresOf),
      notes: [...notes, `${hour.orders} orders and ${hour.views} views to four vendors; ${POINTS} points`],
    }
  },
}

async function start(bench: Bench) {
  const database = await bench.postgres.database('ours')
  await installShops(database, { count: 1, vendors: ALL_VENDORS })
  const standIns = await bench.start<StandIns>('vendors.ts', 'vendors')
  await standIns.call('contacts', VIEWERS)
  const web = await bench.start<App>('app.ts', 'web', environment(database, 'web'))
  const urls = await standIns.call('urls')
  const worker = await bench.start<App>('app.ts', 'worker', {
    ...environment(database, 'worker', urls),
    BENCH_LIFTED: '1',
  })
  const generator = await bench.start<Generator>('generator.ts', 'generator')
  const postgres = await postgresMemory(database)
  const parts = [nodePart('web', web), nodePart('worker', worker)]
  if (postgres) {
    const now = async () => postgres()
    parts.push({ name: 'PostgreSQL', now, settled: now, peak: 0, points: [] })
  }
  return { database, url: await web.call('url'), generator, parts }
}

function nodePart(name: string, child: Child<App>): Part {
  const rss = async (collect: boolean) => (await child.usage(collect)).rss / MEGABYTE
  return { name, now: () => rss(false), settled: () => rss(true), peak: 0, points: [] }
}

/** Keeps each part's peak until it is stopped. */
function watch(parts: readonly Part[]): { stop(): Promise<void> } {
  let on = true
  const watching = (async () => {
    while (on) {
      for (const part of parts) part.peak = Math.max(part.peak, await part.now())
      await delay(SAMPLE_MS)
    }
  })()
  return {
    async stop() {
      on = false
      await watching
    },
  }
}

async function idle(database: string): Promise<void> {
  const deadline = Date.now() + IDLE_PATIENCE_MS
  for (;;) {
    const open = await query(database, `select 1 from deliveries where state in ('pending', 'retry') limit 1`)
    if (open.length === 0) return
    if (Date.now() > deadline) throw new Error('deliveries are still open')
    await delay(100)
  }
}

/** The first third warms up: caches and compiled code are filled then. */
function figuresOf({ name, peak, points }: Part): Figure[] {
  const third = Math.floor(points.length / 3)
  const growth = mean(points.slice(-third)) / mean(points.slice(third, -third))
  return [
    { name: `${name}: peak`, value: peak, unit: 'MB' },
    { name: `${name}: idle at the end`, value: points.at(-1) ?? Number.NaN, unit: 'MB' },
    { name: `${name}: growth per point`, value: slope(points.slice(third)), unit: 'MB' },
    { name: `${name}: last third / middle third`, value: growth, unit: 'ratio', aim: { most: FLAT } },
  ]
}
