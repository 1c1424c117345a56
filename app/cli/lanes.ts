/** `sluice lanes`, `sluice lane resume`. */
import type { Command } from 'commander'
import { SLUICE } from '../command-line.ts'
import { connectionRow, openConnection, vendorById } from '../delivery/connections.ts'
import type { Lifted } from '../delivery/gate/gate.ts'
import { type LaneState, laneKey } from '../delivery/lane.ts'
import { type Resumed, resumeLane } from '../delivery/resume.ts'
import { statesListed } from '../insights/lane-health.ts'
import { statesOf } from '../insights/lane-stands.ts'
import { type LaneLine, listLanes, statusOf } from '../insights/lanes.ts'
import { supportWords } from '../ui/vendor-words.ts'
import { type Context, print, shopNamed, table, withContext } from './context.ts'
import { notConnected } from './failure.ts'
import { note } from './note.ts'

export function laneCommands(program: Command): void {
  program
    .command('lanes')
    .description('every lane: what waits, and why')
    .option(
      '--shop <shop>',
      'of one shop, with how each stands now; of more than a thousand lanes STATE is a minute or two old',
    )
    .action(async (options: { shop?: string }, command: Command) => {
      await withContext(async ({ store, config, lanesWithJobs }) => {
        const shop = options.shop === undefined ? null : await shopNamed(store, options.shop)
        const lanes = await listLanes(store.pool, store.sealer, shop?.id ?? null)
        const late = config.alerts.ageMinutes
        const { states, asOf } = shop
          ? { states: await statesOf(store, lanes, late), asOf: null }
          : await statesListed(store, lanes, late)
        const jobs = new Map((await lanesWithJobs()).map(job => [laneKey(job.lane), job]))
        const lines = lanes.map(lane => {
          const job = jobs.get(laneKey(lane))
          return {
            ...lane,
            state: states.get(laneKey(lane)) ?? null,
            stateAsOf: asOf,
            status: statusOf(lane),
            job: job ? job.state : null,
            armedFor: job?.state === 'waiting' ? job.startAfter : null,
          }
        })
        print(command, lines, listed)
      })
    })

  program
    .command('lane')
    .description('one lane')
    .command('resume <shop> <vendor>')
    .description(
      'end what a vendor announced, a pause and a rest after failures: send at once; limits are kept',
    )
    .action(async (domain: string, id: string, _options: unknown, command: Command) => {
      await withContext(context => resume(context, domain, id, command))
    })
}

type Columns =
  | 'shop'
  | 'vendor'
  | 'pending'
  | 'retry'
  | 'waiting'
  | 'held'
  | 'dead'
  | 'oldestAccepted'
  | 'oldestHeld'
type Listed = Pick<LaneLine, Columns> & {
  state: LaneState | null
  stateAsOf: Date | null
  status: string
  job: string | null
}

/** Of states that are not as of now it says from when they are. For its test too. */
export function listed(lines: readonly Listed[]): string {
  const lanes = table(
    [
      'SHOP',
      'VENDOR',
      'STATE',
      'STATUS',
      'JOB',
      'PENDING',
      'RETRY',
      'WAITING',
      'HELD',
      'DEAD',
      'OLDEST RECEIVED',
      'OLDEST HELD RECEIVED',
    ],
    lines.map(l => [
      l.shop,
      l.vendor,
      l.state ?? '',
      l.status,
      l.job ?? 'idle',
      ...[l.pending, l.retry, l.waiting, l.held, l.dead].map(String),
      l.oldestAccepted?.toISOString() ?? '',
      l.oldestHeld?.toISOString() ?? '',
    ]),
    `No vendor is connected yet. "${SLUICE} vendor connect SHOP VENDOR --set …" connects one.`,
  )
  const asOf = lines[0]?.stateAsOf
  return asOf ? `${lanes}\nSTATE as of ${asOf.toISOString()}; everything else as of now.` : lanes
}

async function resume(
  { store, signal }: Context,
  domain: string,
  id: string,
  command: Command,
): Promise<void> {
  const shop = await shopNamed(store, domain)
  const vendor = vendorById(id)
  const lane = { shopId: shop.id, vendor: vendor.id }
  const row = await connectionRow(store.pool, lane.shopId, lane.vendor)
  const resumed = row && (await resumeLane(store.pool, lane, openConnection(store.sealer, shop.id, row)))
  if (!resumed) throw notConnected(domain, id)
  await note(store.pool, { action: 'lane_resume', shop: shop.domain, vendor: id, ...noted(resumed) })
  await signal([lane])
  print(command, { shop: domain, vendor: id, ...resumed }, () =>
    [`${domain} ${id}:`, ...sentences(vendor.name, resumed).map(sentence => `  ${sentence}`)].join('\n'),
  )
}

/** What kept it waiting, and what keeps it still: the same twice where nothing was changed. */
function noted({ pausedUntil, restedUntil, announced, broughtForward, vendorRestsUntil, stop }: Resumed) {
  const stays = { vendorRestsUntil, stop }
  return {
    before: {
      ...{ pausedUntil, restedUntil, broughtForward: 0, ...stays },
      announced: announced.map(({ until, scope }) => `${until.toISOString()} (${scope})`),
    },
    after: { pausedUntil: null, restedUntil: null, announced: [], broughtForward, ...stays },
  }
}

const SHARED: Readonly<Record<Lifted['scope'], string>> = {
  key: 'whoever sends with these credentials',
  'key+address': 'whoever sends with these credentials from one address',
  address: 'every shop that sends from one address',
}

function sentences(name: string, resumed: Resumed): string[] {
  const { announced, pausedUntil, restedUntil, broughtForward, vendorRestsUntil, stop } = resumed
  const lifted = [
    ...announced.map(
      ({ scope, until }) =>
        `${name} had asked to wait until ${until.toISOString()}; that is lifted, for ${SHARED[scope]}.`,
    ),
    ...(pausedUntil ? [`Its pause until ${pausedUntil.toISOString()} is over.`] : []),
    ...(restedUntil ? [`Its rest after failures, until ${restedUntil.toISOString()}, is over.`] : []),
    ...(broughtForward > 0
      ? [`Deliveries that were to be tried later and are due now: ${broughtForward}.`]
      : []),
  ]
  return [
    ...(lifted.length > 0 ? lifted : ['Nothing kept it waiting.']),
    ...(vendorRestsUntil
      ? [
          `${name} rests for every shop until ${vendorRestsUntil.toISOString()}, because its requests failed: that ends by itself.`,
        ]
      : []),
    ...(stop
      ? [
          `It sends nothing all the same: ${stop.reason === 'on_hold' ? stop.message : supportWords(stop.message)}`,
        ]
      : []),
  ]
}
