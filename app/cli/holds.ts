/** `sluice vendor hold|release`: support's stop of one vendor of one shop. */
import type { Command } from 'commander'
import type { Pool } from 'pg'
import { vendorById } from '../delivery/connections.ts'
import { HoldStands, holdBySupport, releaseBySupport, type StandingHold } from '../delivery/holds.ts'
import type { Lane } from '../delivery/lane.ts'
import type { Hold } from '../delivery/lane-state.ts'
import { backlogOf } from '../insights/support/backlog.ts'
import { MOST_COUNTED } from '../ui/counted.ts'
import { commandActor } from './actor.ts'
import { type Context, comingTimeOption, print, shopNamed, withContext } from './context.ts'
import { counted, goOut } from './counted.ts'
import { Failure, notConnected } from './failure.ts'
import { reasonGiven } from './options.ts'

type HoldOptions = { reason: string; until?: Date }

/** Of an option that takes the end of a hold. */
export const UNTIL = 'when it ends by itself: a date, a time, or 2h from now'

export function holdCommands(vendor: Command): void {
  vendor
    .command('hold <shop> <vendor>')
    .description(
      "support's stop: nothing is sent until it is released, whatever the merchant switches; a hold that stands takes this reason and end",
    )
    .requiredOption('--reason <text>', 'why; the merchant reads it', reasonGiven)
    .option('--until <time>', UNTIL, comingTimeOption('--until'))
    .action(async (domain: string, id: string, options: HoldOptions, command: Command) => {
      const { reason, until } = options
      await withContext(async context => {
        const lane = await laneNamed(context, domain, id)
        const hold = { reason, until: until ?? null }
        const done = await holdAnyhow(context.store.pool, lane, hold, domain.toLowerCase(), null)
        if (!done) throw notConnected(domain, id)
        const { held, replaced } = done
        const said = { shop: domain, vendor: id, held: true, reason, until: until ?? null, deliveries: held }
        const end = until ? ` until ${until.toISOString()}` : ''
        const followed = `${counted(held, 'delivery is', 'deliveries are')} held`
        print(command, { ...said, replaced }, () =>
          [`${id} is on hold for ${domain}${end}; ${followed}`, ...tookPlaceOf(replaced)].join('\n'),
        )
      })
    })

  vendor
    .command('release <shop> <vendor>')
    .description("ends support's hold, and sends what was held meanwhile")
    .requiredOption('--reason <text>', 'why; the merchant reads it', reasonGiven)
    .action(async (domain: string, id: string, { reason }: { reason: string }, command: Command) => {
      await withContext(async context => {
        const lane = await laneNamed(context, domain, id)
        const { pool } = context.store
        const done = await releaseBySupport(pool, lane, reason, commandActor(), domain.toLowerCase(), {
          merchantReads: true,
        })
        if (done === null) throw new Failure(`${id} is not on hold for ${domain}; nothing was changed.`)
        await context.signal([lane])
        const { released, expired } = done
        const stay = await stayingHeld(pool, lane)
        const late =
          expired > 0 ? `; ${counted(expired, 'is too old and ends', 'are too old and end')} as expired` : ''
        print(command, { shop: domain, vendor: id, held: false, deliveries: released, expired, stay }, () =>
          [`${id} is released for ${domain}; ${goOut(released)}${late}`, ...saidOfStaying(stay)].join('\n'),
        )
      })
    })
}

type Staying = { reason: string; message: string; deliveries: number }

/** What is held all the same, for the merchant's switch or what needs a person. @returns null where the lane is open */
async function stayingHeld(pool: Pool, lane: Lane): Promise<Staying | null> {
  const backlog = await backlogOf(pool, lane, MOST_COUNTED)
  const stays = backlog?.release.stays
  return backlog && stays ? { ...stays, deliveries: backlog.held } : null
}

function saidOfStaying(stay: Staying | null): string[] {
  if (!stay) return []
  const { deliveries, message } = stay
  const count = deliveries > MOST_COUNTED ? `More than ${MOST_COUNTED}` : String(deliveries)
  return [
    deliveries === 0
      ? `What comes now is held all the same: ${message}`
      : `${count} held ${deliveries === 1 ? 'delivery stays' : 'deliveries stay'} held all the same: ${message}`,
  ]
}

/** @param seen the hold whose place it takes; null: none that is known of yet @returns with the hold whose place it took */
async function holdAnyhow(
  pool: Pool,
  lane: Lane,
  hold: Hold,
  shop: string,
  seen: StandingHold | null,
): Promise<{ held: number; replaced: StandingHold | null } | null> {
  try {
    const done = await holdBySupport(pool, lane, hold, commandActor(), shop, { replace: seen ?? false })
    return done && { held: done.held, replaced: seen }
  } catch (error) {
    if (error instanceof HoldStands) return holdAnyhow(pool, lane, hold, shop, error.hold)
    throw error
  }
}

/** Whoever held it before may want to know, and have it back. */
function tookPlaceOf(hold: StandingHold | null): string[] {
  if (!hold) return []
  const { by, reason, since, until } = hold
  const end = until ? `until ${until.toISOString()}` : 'until it is released'
  const who = by ? `, by ${by}` : ''
  return [`This takes the place of the hold since ${since.toISOString()} and ${end}${who}: "${reason}".`]
}

async function laneNamed({ store }: Context, domain: string, id: string): Promise<Lane> {
  const shop = await shopNamed(store, domain)
  return { shopId: shop.id, vendor: vendorById(id).id }
}
