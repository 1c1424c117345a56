/** Storefront events kept per second, in batches of ten, against our own rate of webhooks. */
import type { App } from '../children/app.ts'
import type { Generator } from '../children/generator.ts'
import type { Suite } from '../support/bench.ts'
import { driver } from '../support/drive.ts'
import { median } from '../support/percentiles.ts'
import { analyse } from '../support/postgres.ts'
import { ALL_VENDORS, environment, installShops, SPOOLING } from '../support/setup.ts'

const BATCH = 10

export const storefront: Suite = {
  id: 'storefront',
  about: `durable storefront events per second, POST /proxy/events, batches of ${BATCH}`,
  async run(bench) {
    const database = await bench.postgres.database('ours')
    await installShops(database, { count: 1, vendors: ALL_VENDORS })
    const web = await bench.start<App>('app.ts', 'web', { ...environment(database, 'web'), ...SPOOLING })
    const direct = await bench.start<App>('app.ts', 'direct', environment(database, 'web'))
    const drive = driver(await bench.start<Generator>('generator.ts', 'generator'))
    const url = await web.call('url')
    const directUrl = await direct.call('url')
    const warm = bench.quick ? 0.2 : 4
    await drive({ url, seconds: warm })
    await drive({ url, seconds: warm, batch: BATCH })
    await drive({ url: directUrl, seconds: warm })
    await drive({ url: directUrl, seconds: warm, batch: BATCH })
    await analyse(database)
    const rates = { webhooks: [] as number[], batches: [] as number[] }
    const atOnce = { webhooks: [] as number[], batches: [] as number[] }
    for (let round = 0; round < (bench.quick ? 1 : 3); round++) {
      const seconds = bench.quick ? 0.3 : 6
      rates.webhooks.push((await drive({ url, seconds })).rate)
      rates.batches.push((await drive({ url, seconds, batch: BATCH })).rate)
      atOnce.webhooks.push((await drive({ url: directUrl, seconds })).rate)
      atOnce.batches.push((await drive({ url: directUrl, seconds, batch: BATCH })).rate)
    }
    const webhooks = median(rates.webhooks)
    const events = median(rates.batches) * BATCH
    bench.say(`${events.toFixed(0)} events/s, ${webhooks.toFixed(0)} webhooks/s`)
    return {
      figures: [
        { name: 'storefront events', value: events, unit: '/s' },
        { name: 'webhooks', value: webhooks, unit: '/s' },
        { name: 'events / webhooks', value: events / webhooks, unit: 'ratio', aim: { least: 5 } },
        {
          name: 'accepted at once (no spool): storefront events',
          value: median(atOnce.batches) * BATCH,
          unit: '/s',
        },
        { name: 'accepted at once (no spool): webhooks', value: median(atOnce.webhooks), unit: '/s' },
        {
          name: 'accepted at once (no spool): events / webhooks',
          value: (median(atOnce.batches) * BATCH) / median(atOnce.webhooks),
          unit: 'ratio',
        },
      ],
    }
  },
}
