/** `sluice vendor hold|release`: support's stop of one vendor of one shop. */
import type { Command } from 'commander'
import { vendorById } from '../delivery/connections.ts'
import { HoldStands, holdBySupport, releaseBySupport, type StandingHold } from '../delivery/holds.ts'
import type { Lane } from '../delivery/lane.ts'
import { commandActor } from './actor.ts'
import { type Context, comingTimeOption, print, shopNamed, withContext } from './context.ts'
import { counted } from './counted.ts'
import { Failure, notConnected } from './failure.ts'
import { reasonGiven } from './options.ts'

type HoldOptions = { reason: string; until?: Date; replace?: boolean }

/** Of an option that takes the end of a hold. */
export const UNTIL = 'when it ends by itself: a date, a time, or 2h from now'

export function holdCommands(vendor: Command): void {
  vendor
    .command('hold <shop> <vendor>')
    .description("support's stop: nothing is sent until it is released, whatever the merchant switches")
    .requiredOption('--reason <text>', 'why; the merchant reads it', reasonGiven)
    .option('--until <time>', UNTIL, comingTimeOption('--until'))
    .option('--replace', 'also where support holds it already: that hold takes this reason and end')
    .action(async (domain: string, id: string, options: HoldOptions, command: Command) => {
      const { reason, until, replace } = options
      await withContext(async context => {
        const lane = await laneNamed(context, domain, id)
        const hold = { reason, until: until ?? null }
        const { pool } = context.store
        const shop = domain.toLowerCase()
        const done = await holdBySupport(pool, lane, hold, commandActor(), shop, { replace }).catch(error => {
          throw error instanceof HoldStands ? new Failure(standsAlready(domain, id, error.hold)) : error
        })
        if (!done) throw notConnected(domain, id)
        const { held } = done
        const said = { shop: domain, vendor: id, held: true, reason, until: until ?? null, deliveries: held }
        const end = until ? ` until ${until.toISOString()}` : ''
        const followed = `${counted(held, 'delivery is', 'deliveries are')} held`
        print(command, said, () => `${id} is on hold for ${domain}${end}; ${followed}`)
      })
    })

  vendor
    .command('release <shop> <vendor>')
    .description("ends support's hold, and sends what was held meanwhile")
    .requiredOption('--reason <text>', 'why, for the audit alone: the merchant does not read it', reasonGiven)
    .action(async (domain: string, id: string, { reason }: { reason: string }, command: Command) => {
      await withContext(async context => {
        const lane = await laneNamed(context, domain, id)
        const { pool } = context.store
        const done = await releaseBySupport(pool, lane, reason, commandActor(), domain.toLowerCase())
        if (done === null) throw new Failure(`${id} is not on hold for ${domain}; nothing was changed.`)
        await context.signal([lane])
        const { released, expired } = done
        const late =
          expired > 0 ? `; ${counted(expired, 'is too old and ends', 'are too old and end')} as expired` : ''
        print(
          command,
          { shop: domain, vendor: id, held: false, deliveries: released, expired },
          () =>
            `${id} is released for ${domain}; ${counted(released, 'held delivery goes', 'held deliveries go')} out now${late}`,
        )
      })
    })
}

function standsAlready(domain: string, id: string, { by, reason, since, until }: StandingHold): string {
  const end = until ? `until ${until.toISOString()}` : 'until it is released'
  const who = by ? `, by ${by}` : ''
  return `Support holds ${id} for ${domain} already, since ${since.toISOString()} and ${end}${who}: "${reason}". Nothing was changed; --replace gives that hold this reason and end.`
}

async function laneNamed({ store }: Context, domain: string, id: string): Promise<Lane> {
  const shop = await shopNamed(store, domain)
  return { shopId: shop.id, vendor: vendorById(id).id }
}
