/** `sluice vendor hold|release`: support's stop of one vendor of one shop. */
import type { Command } from 'commander'
import { vendorById } from '../delivery/connections.ts'
import type { Lane } from '../delivery/lane.ts'
import { holdLane, releaseLane } from '../delivery/lane-state.ts'
import { type Context, print, shopNamed, timeOption, withContext } from './context.ts'
import { Failure, notConnected } from './failure.ts'

type HoldOptions = { reason: string; until?: Date }
const MOST_CHARACTERS = 500

export function holdCommands(vendor: Command): void {
  vendor
    .command('hold <shop> <vendor>')
    .description("support's stop: nothing is sent until it is released, whatever the merchant switches")
    .requiredOption('--reason <text>', 'why; the merchant reads it', reasonGiven)
    .option('--until <time>', 'when it ends by itself, a date or a time', timeOption('--until'))
    .action(async (domain: string, id: string, { reason, until }: HoldOptions, command: Command) => {
      await withContext(async context => {
        if (until && until <= new Date()) throw new Failure('--until must be a time that is still to come.')
        const lane = await laneNamed(context, domain, id)
        const held = await holdLane(context.store.pool, lane, { reason, until: until ?? null })
        if (held === null) throw notConnected(domain, id)
        const said = { shop: domain, vendor: id, held: true, reason, until: until ?? null, deliveries: held }
        const end = until ? ` until ${until.toISOString()}` : ''
        print(
          command,
          said,
          () => `${id} is on hold for ${domain}${end}; ${held} waiting deliveries are held`,
        )
      })
    })

  vendor
    .command('release <shop> <vendor>')
    .description("ends support's hold, and sends what was held meanwhile")
    .action(async (domain: string, id: string, _options: unknown, command: Command) => {
      await withContext(async context => {
        const lane = await laneNamed(context, domain, id)
        const done = await releaseLane(context.store.pool, lane)
        if (done === null) throw new Failure(`${id} is not on hold for ${domain}; nothing was changed.`)
        await context.signal([lane])
        const { released, expired } = done
        const late = expired > 0 ? `; ${expired} are too old and end as expired` : ''
        print(
          command,
          { shop: domain, vendor: id, held: false, deliveries: released, expired },
          () => `${id} is released for ${domain}; ${released} held deliveries go out now${late}`,
        )
      })
    })
}

async function laneNamed({ store }: Context, domain: string, id: string): Promise<Lane> {
  const shop = await shopNamed(store, domain)
  return { shopId: shop.id, vendor: vendorById(id).id }
}

function reasonGiven(text: string): string {
  const reason = text.trim()
  if (reason && reason.length <= MOST_CHARACTERS) return reason
  throw new Failure(`--reason must be a text of 1 to ${MOST_CHARACTERS} characters: the merchant reads it.`)
}
