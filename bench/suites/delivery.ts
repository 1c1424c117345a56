/**
 * Deliveries per second of work that waits, to a vendor with batches and to one without, in one lane and in many,
 * against a bare loop that sends the same requests to the same stand-in with the concurrency that the vendor
 * declares for a lane. Nobody limits the rate here.
 */
import { alana } from '../../app/vendors/alana/index.ts'
import { topmail } from '../../app/vendors/topmail/index.ts'
import type { Figure, Suite } from '../support/bench.ts'
import { drainRate } from '../support/drain.ts'
import { installShops } from '../support/setup.ts'

/** Of deliveries. What the stand-in's inbox keeps (5,000 requests) bounds them, because the bare loop repeats it. */
const COUNTS = { alana: { full: 40_000, quick: 200 }, topmail: { full: 4_800, quick: 40 } }
const CONCURRENCY = {
  alana: alana.limits(alana.settings.parse({ apiKey: 'ak_bench' })).concurrency,
  topmail: topmail.limits(topmail.settings.parse({ apiKey: 'tm_bench' })).concurrency,
}

export const delivery: Suite = {
  id: 'delivery',
  about: 'deliveries per second of a backlog, limits lifted',
  async run(bench) {
    const figures: Figure[] = []
    for (const vendor of ['alana', 'topmail'] as const) {
      for (const shops of [1, 20]) {
        const name = `${vendor}_${shops}`
        const database = await bench.postgres.database(name)
        await installShops(database, { count: shops, vendors: [vendor] })
        const deliveries = COUNTS[vendor][bench.quick ? 'quick' : 'full']
        const backlog = { name, database, vendor, shops, deliveries }
        const { rate, bare } = await drainRate(bench, backlog, CONCURRENCY[vendor] * shops)
        const where = `${vendor}, ${shops === 1 ? 'one lane' : `${shops} lanes`}`
        bench.say(`${where}: ${rate.toFixed(0)}/s, bare loop ${bare.toFixed(0)}/s`)
        figures.push(
          { name: where, value: rate, unit: '/s' },
          { name: `${where}: bare loop`, value: bare, unit: '/s' },
          { name: `${where}: ours / bare loop`, value: rate / bare, unit: 'ratio', aim: { least: 0.5 } },
        )
      }
    }
    return { figures }
  },
}
