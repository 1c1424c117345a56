/** `sluice fleet hold|release|list|stop|resume`: support's stop of one vendor for many shops. */
import type { Command } from 'commander'
import { SLUICE } from '../command-line.ts'
import { vendorById } from '../delivery/connections.ts'
import {
  beginFleet,
  type FleetAction,
  fleetAction,
  fleetActions,
  resumeFleet,
  stopFleet,
} from '../delivery/fleet.ts'
import {
  type FleetAsked,
  type FleetKind,
  type FleetPreview,
  fleetFilterSchema,
  previewFleet,
} from '../delivery/fleet-filter.ts'
import { fleetStep } from '../delivery/fleet-step.ts'
import { LANE_STATES } from '../delivery/lane.ts'
import { previewed } from '../ui/support/fleet/previewed.ts'
import { commandActor } from './actor.ts'
import { t } from './console-texts.ts'
import { type Context, comingTimeOption, print, table, withContext } from './context.ts'

import { counted } from './counted.ts'
import { Failure } from './failure.ts'
import { UNTIL } from './holds.ts'
import { INTERRUPTED, oneOf } from './options.ts'

type Options = {
  reason: string
  until?: Date
  shops?: string
  state?: string[]
  heldFor?: string
  yes?: boolean
}

/** How often progress is told, in ms. */
const TOLD_EVERY_MS = 1_000
const LISTED = 50

export function fleetCommands(program: Command): void {
  const fleet = program.command('fleet').description('one vendor of many shops: in an outage of the vendor')
  for (const kind of ['hold', 'release'] as const) {
    const command = fleet
      .command(`${kind} <vendor>`)
      .description(
        kind === 'hold'
          ? "support's stop for all shops that have the vendor, or some; says what it comes to, and does it with --yes"
          : "ends support's stop for all shops, or some; says what it comes to, and does it with --yes",
      )
      .requiredOption('--reason <text>', 'why; merchants read it')
      .option('--shops <text>', 'only shops whose domain contains it')
      .option(
        '--state <state>',
        `only lanes that stand so; more than once: ${LANE_STATES.join(', ')}`,
        states,
      )
      .option(
        '--held-for <text>',
        kind === 'hold'
          ? 'instead of those that support does not hold yet, those that it holds for exactly this reason: they take the new reason and end'
          : 'only shops that support holds for exactly this reason',
      )
      .option('--yes', 'do it')
    if (kind === 'hold') command.option('--until <time>', UNTIL, comingTimeOption('--until'))
    command.action((id: string, options: Options, self: Command) =>
      withContext(context => carryOut(context, kind, id, options, self)),
    )
  }
  fleet
    .command('list')
    .description(`the last ${LISTED} holds and releases of many shops`)
    .action((_options: unknown, command: Command) => withContext(context => list(context, command)))
  fleet
    .command('stop <id>')
    .description('stop one that is running: what it has done stays')
    .action((id: string, _options: unknown, command: Command) =>
      withContext(async ({ store }) => {
        await named(store.pool, id)
        if (!(await stopFleet(store.pool, commandActor(), id)))
          throw new Failure(`${id} is not running: it is ${(await named(store.pool, id)).state}.`)
        await tell(store.pool, id, command)
      }),
    )
  fleet
    .command('resume <id>')
    .description('let one that was stopped go on where it was')
    .action((id: string, _options: unknown, command: Command) =>
      withContext(async context => {
        const { pool } = context.store
        await named(pool, id)
        if (!(await resumeFleet(pool, commandActor(), id)))
          throw new Failure(`${id} was not stopped: it is ${(await named(pool, id)).state}.`)
        await follow(context, id, command)
      }),
    )
}

function states(value: string, before: string[] = []): string[] {
  return [...before, oneOf(LANE_STATES)(value)]
}

async function carryOut(
  context: Context,
  kind: FleetKind,
  id: string,
  options: Options,
  command: Command,
): Promise<void> {
  const { pool } = context.store
  const { reason, until = null, shops = null, state = [], heldFor = null, yes = false } = options
  if (kind === 'hold' && heldFor === null && state.includes('held'))
    throw new Failure(
      'A hold is of shops that support does not hold yet: leave out "--state held", or name with --held-for the hold that it replaces.',
    )
  const filter = fleetFilterSchema.parse({ shops, states: state, heldFor })
  const asked: FleetAsked = { kind, vendor: vendorById(id).id, filter }
  if (!yes) {
    const preview = await previewFleet(pool, asked)
    print(command, { ...asked, ...preview }, () => previewText(asked, preview))
    return
  }
  const order = { ...asked, reason, until, merchantReads: true }
  await follow(context, await beginFleet(pool, commandActor(), order), command)
}

function previewText(asked: FleetAsked, { countedAt, ...preview }: FleetPreview): string {
  const { running } = preview
  const counts = { ...preview, countedAt: countedAt?.toISOString() ?? null }
  const said = previewed(t, asked, counts, String, iso => iso)
  const sentence = [said.of, said.shops, said.become].filter(part => part !== null).join(' ')
  const lines = [
    `${vendorById(asked.vendor).name}: ${sentence}`,
    said.kept,
    said.deliveries,
    running === null
      ? 'Nothing was changed: add --yes to do it.'
      : `${t('support.fleet.previewed.running')} Nothing was changed: "${SLUICE} fleet stop ${running}" stops it.`,
  ]
  return lines.filter(line => line !== null).join('\n')
}

/**
 * Takes the steps here and tells how far it is. Workers take them too, and go on when this is broken off, which is told: what is
 * to end is stopped.
 */
async function follow(context: Context, id: string, command: Command): Promise<void> {
  let isBroken = false
  const breakOff = () => {
    isBroken = true
    console.error(`(workers go on with ${id}: only "${SLUICE} fleet stop ${id}" stops it)`)
  }
  console.error(`(${id} has begun: "${SLUICE} fleet stop ${id}" stops it, Ctrl-C does not)`)
  // Once: a second one ends the process there and then.
  process.once('SIGINT', breakOff)
  try {
    await takeSteps(context, id, () => isBroken)
  } finally {
    process.off('SIGINT', breakOff)
  }
  await tell(context.store.pool, id, command)
  if (isBroken) process.exitCode = INTERRUPTED
}

async function named(pool: Context['store']['pool'], id: string): Promise<FleetAction> {
  const action = await fleetAction(pool, id)
  if (!action) throw new Failure(`There is nothing of the id ${id}: "${SLUICE} fleet list" names them.`)
  return action
}

async function takeSteps({ store, signal }: Context, id: string, isBroken: () => boolean): Promise<void> {
  let told = performance.now()
  while (!isBroken() && (await fleetStep(store.pool, id, lane => signal([lane])))) {
    if (performance.now() - told < TOLD_EVERY_MS) continue
    told = performance.now()
    const action = await fleetAction(store.pool, id)
    if (action) console.error(`(${progressOf(action)})`)
  }
}

async function tell(pool: Context['store']['pool'], id: string, command: Command): Promise<void> {
  const action = await named(pool, id)
  print(command, action, () => `${action.id}: ${action.kind} of ${action.vendor}, ${progressOf(action)}`)
}

function progressOf({ state, kind, total, done, changed, followed }: FleetAction): string {
  const word = kind === 'hold' ? 'held' : 'released'
  return `${state}: ${done} of ${counted(total, 'shop')} seen to, ${changed} ${word}; deliveries of ${counted(followed, 'shop')} have followed`
}

/** Who began it, and who stopped it and let it go on since. */
function byWhom({ begunBy, turns }: FleetAction): string {
  return [begunBy, ...turns.map(({ what, actor }) => `${what} by ${actor}`)].join(', ')
}

async function list({ store }: Context, command: Command): Promise<void> {
  print(command, await fleetActions(store.pool, LISTED), actions =>
    table(
      ['ID', 'BEGAN', 'WHAT', 'VENDOR', 'STATE', 'SHOPS', 'BY', 'REASON'],
      actions.map(each => [
        each.id,
        each.createdAt.toISOString(),
        each.kind,
        each.vendor,
        each.state,
        `${each.done}/${each.total}`,
        byWhom(each),
        each.reason,
      ]),
      'Nothing was held or released for many shops yet.',
    ),
  )
}
