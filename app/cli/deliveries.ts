/** `sluice deliveries`, `explain`, `replay`. */
import type { Command } from 'commander'
import { SLUICE } from '../command-line.ts'
import { storable } from '../db/jsonb.ts'
import { vendorById } from '../delivery/connections.ts'
import { keepReplay, type ReplayChosen } from '../delivery/kept-replays.ts'
import { DELIVERY_STATES, type DeliveryState } from '../delivery/outcome.ts'
import { beginReplay, countReplay, type Replayable, type ReplayFilter, replay } from '../delivery/replay.ts'
import { idIn } from '../events/id.ts'
import { EVENT_TYPES } from '../events/types.ts'
import { outcomeOf } from '../insights/activity.ts'
import { listDeliveries } from '../insights/deliveries.ts'
import { scrub } from '../privacy/mask.ts'
import { explained } from '../runtime/explained.ts'
import { type Foreseen, foreseenOf } from '../runtime/foreseen.ts'
import { SKIP_REASONS } from '../vendors/reasons.ts'
import { type Context, print, shopNamed, table, timeOption, withContext } from './context.ts'
import { Failure } from './failure.ts'
import { note } from './note.ts'
import { limitOption, oneOf, reasonGiven } from './options.ts'
import { tell, vendorsSaid } from './story.ts'

const SENTENCES: ReadonlyMap<string, string> = new Map(Object.entries(SKIP_REASONS))
const REPLAYABLE = ['delivered', 'skipped', 'dead'] as const

const vendorOption = (value: string) => vendorById(value).id

export function deliveryCommands(program: Command): void {
  program
    .command('deliveries <shop>')
    .description('list deliveries, newest first')
    .option('--vendor <vendor>', 'of one vendor', vendorOption)
    .option('--state <state>', `in one state: ${DELIVERY_STATES.join(', ')}`, oneOf(DELIVERY_STATES))
    .option('--since <time>', 'received since a date, a time or an age such as 24h', timeOption('--since'))
    .option('--replay <id>', 'what "replay" sent again together, by the id that it gave')
    .option('--limit <n>', 'at most this many', limitOption, 100)
    .action(async (domain: string, { replay, ...options }: ListOptions, command: Command) => {
      if (replay) checkId(replay, 'replay', `"${SLUICE} replay ${domain}" gives one`)
      await withContext(async ({ store }) => {
        const shop = await shopNamed(store, domain)
        const asked = { shopId: shop.id, ...options, ...(replay && { replayId: replay }) }
        const lines = await listDeliveries(store.database.prisma, asked)
        print(command, lines, list =>
          table(
            ['EVENT', 'TYPE', 'RECEIVED', 'VENDOR', 'STATE', 'ATTEMPTS', 'WHY'],
            list.map(d => [
              d.eventId,
              d.type,
              d.receivedAt.toISOString(),
              d.vendor,
              d.state,
              String(d.attempts),
              [vendorsSaid(d), d.waitsUntil && `Until ${d.waitsUntil.toISOString()}.`]
                .filter(Boolean)
                .join(' '),
            ]),
            'No deliveries match.',
          ),
        )
      })
    })

  program
    .command('explain <shop> <event>')
    .description('the whole story of one event')
    .action(async (domain: string, eventId: string, _options: unknown, command: Command) => {
      checkEventId(eventId, domain)
      await withContext(async ({ store }) => {
        const shop = await shopNamed(store, domain)
        const { database, sealer } = store
        const story = await explained({ database, sealer }, shop, eventId)
        if (!story)
          throw new Failure(
            `${domain} has no event ${eventId}; "${SLUICE} events ${domain}" lists those there are.`,
          )
        print(command, story, tell)
      })
    })

  program
    .command('replay <shop>')
    .description('send deliveries again, to the vendor each belongs to')
    .option('--vendor <vendor>', 'of one vendor', vendorOption)
    .option('--state <state>', `in one state: ${REPLAYABLE.join(', ')}`, oneOf(REPLAYABLE), 'dead')
    .option('--since <time>', 'received since a date, a time or an age such as 24h', timeOption('--since'))
    .option('--until <time>', 'received before', timeOption('--until'))
    .option('--type <type>', 'of one type of event, such as order_created', oneOf(EVENT_TYPES))
    .option('--event <id>', 'of one event')
    .option('--reason <text>', 'why; the audit keeps it, and the merchant reads it', reasonGiven)
    .option(
      '--dry-run',
      'say how many deliveries would be sent again and which of them skipped, and send none',
    )
    .option('--partly-rejected', 'also what a vendor took in part, without saying which part')
    .action(async (domain: string, options: ReplayOptions, command: Command) => {
      if (options.event) checkEventId(options.event, domain)
      await withContext(context => replayDeliveries(context, domain, options, command))
    })
}

type ListOptions = {
  vendor?: string
  state?: DeliveryState
  since?: Date
  replay?: string
  limit: number
}

type ReplayOptions = Omit<ReplayFilter, 'shopId' | 'states' | 'eventId' | 'reason'> & {
  state: (typeof REPLAYABLE)[number]
  event?: string
  /** Why it is sent again. The console insists on one; scripts written before there was one go on. */
  reason?: string
  dryRun?: boolean
}

async function replayDeliveries(
  { store, log, signal }: Context,
  domain: string,
  { state, event, reason, dryRun, ...chosen }: ReplayOptions,
  command: Command,
): Promise<void> {
  const shop = await shopNamed(store, domain)
  const filter = { ...chosen, shopId: shop.id, states: [state], ...(event && { eventId: event }) }
  const start = await beginReplay(store.pool)
  if (dryRun) {
    const context = { pool: store.pool, sealer: store.sealer, log }
    const would = await Promise.all(
      (await countReplay(store.pool, filter, start)).map(async each => ({
        ...each,
        foreseen: await foreseenOf(context, shop, filter, start, each),
      })),
    )
    const count = would.reduce((sum, each) => sum + each.count, 0)
    print(command, { shop: domain, dryRun: true, wouldReplay: count, by: would }, () =>
      count === 0 ? nothing(state, event) : listedByVendor(count, would),
    )
    return
  }
  // Before the first step: each stands by itself, and a replay that is broken off has happened as well.
  await note(store.pool, {
    ...{ action: 'replay', shop: shop.domain, vendor: chosen.vendor ?? null, subject: event ?? null },
    reason: reason === undefined ? null : storable(scrub(reason)),
    after: { states: [state], ...chosen, replay: start.id },
  })
  const { vendor } = chosen
  const chosenBy = event ? { event, ...(vendor && { vendor }) } : chosenFor(state, chosen)
  const keep = keepReplay(shop.id, 'staff', chosenBy)
  const { count, held, lanes, id } = await replay(store.pool, filter, undefined, keep, start)
  await signal(lanes)
  const found = event ? `explain ${domain} ${event}` : `deliveries ${domain} --replay ${id}`
  print(command, { shop: domain, replayed: count, held, ...(!event && { replay: id }) }, () =>
    count === 0 ? nothing(state, event) : replayed(count, held, found),
  )
}

/** As the merchant's list of what was sent again reads it. */
function chosenFor(
  state: ReplayOptions['state'],
  { vendor, type, since, until, partlyRejected }: Omit<ReplayOptions, 'state'>,
): ReplayChosen {
  return {
    outcome: outcomeOf(state),
    ...(vendor && { vendor }),
    ...(type && { type }),
    ...(partlyRejected && state === 'dead' && { partly: 'on' }),
    ...(since && { since: since.toISOString() }),
    ...(until && { until: until.toISOString() }),
  }
}

type Would = Replayable & { foreseen: Foreseen }

function listedByVendor(count: number, would: readonly Would[]): string {
  const rows = would.map(each => [
    each.vendor,
    each.state,
    String(each.count),
    each.held ? 'wait until their lane is open' : 'go out',
  ])
  return [
    table(['VENDOR', 'STATE', 'DELIVERIES', 'WOULD'], rows, ''),
    ...would.flatMap(skips),
    `Would be replayed: ${count}. Nothing was changed.`,
  ].join('\n')
}

/** Of many only the newest were planned, which is said. */
function skips({ vendor, count: all, foreseen: { looked, reasons } }: Would): string[] {
  if (reasons.length === 0) return []
  const count = reasons.reduce((sum, each) => sum + each.count, 0)
  const which = looked < all ? `of the newest ${looked}, ${count}` : `${count}`
  return [
    `${vendor}: ${which} would be skipped, which sending again does not change:`,
    ...reasons.map(each => `  ${each.count}  ${each.reason}: ${SENTENCES.get(each.reason) ?? ''}`.trimEnd()),
  ]
}

/** @param found the command that says what becomes of them */
function replayed(count: number, held: number, found: string): string {
  const waiting =
    held > 0 ? ` ${held} of them wait until their lane is open: "${SLUICE} lanes" says why it is not.` : ''
  return `Replayed: ${count}.${waiting} "${SLUICE} ${found}" says what became of them.`
}

function nothing(state: string, event: string | undefined): string {
  return event
    ? `Nothing of this event is ${state}, or it is a test and the lane is stopped: nothing is sent again. "${SLUICE} explain" says what it is; name that by --state.`
    : 'Nothing matches: nothing is sent again.'
}

function checkEventId(given: string, domain: string): void {
  checkId(given, 'event', `"${SLUICE} events ${domain}" lists them`)
}

function checkId(given: string, of: string, where: string): void {
  if (idIn(given) === null) throw new Failure(`"${given}" is no ${of} id; ${where}.`)
}
