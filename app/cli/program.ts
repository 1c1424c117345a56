/** All commands together, and how they answer what is wrong: one sentence, or with --json one JSON value. */
import { Command, CommanderError } from 'commander'
import { SLUICE } from '../command-line.ts'
import { alertCommands } from './alerts.ts'
import { auditCommand } from './audit.ts'
import { deliveryCommands } from './deliveries.ts'
import { doctorCommand } from './doctor.ts'
import { eventsCommand } from './events.ts'
import { fleetCommands } from './fleet.ts'
import { keyCommands } from './keys.ts'
import { laneCommands } from './lanes.ts'
import { pixelCommands } from './pixels.ts'
import { shopCommands } from './shops.ts'
import { spoolCommand } from './spool.ts'
import { supportCommands } from './support.ts'
import { sentenceFor, tellStack } from './trouble.ts'
import { vendorCommands } from './vendors.ts'

/** `told`: on standard error already. `error`: what was thrown, where that is not what was typed. */
type Wrong = { message: string; told: boolean; error?: unknown }

/** The whole of one command: what went wrong is printed, as JSON where that was asked for, and the process is to exit with 1. */
export async function main(args: readonly string[]): Promise<void> {
  const wrong = await run(args)
  if (!wrong) return
  tellWrong(args, wrong)
  process.exitCode = 1
}

/** As JSON where that was asked for. */
export function tellWrong(args: readonly string[], { message, told, error }: Wrong): void {
  if (args.includes('--json')) console.log(JSON.stringify({ error: message }))
  else if (!told) console.error(message)
  tellStack(error)
}

/**
 * Runs one command.
 * @param args what stands after the program's name
 * @returns what went wrong; null when nothing did
 */
export async function run(args: readonly string[]): Promise<Wrong | null> {
  // Not as parsed: what is wrong may stand before it.
  const asJson = args.includes('--json')
  try {
    await createProgram(asJson).parseAsync(args, { from: 'user' })
    return null
  } catch (error) {
    if (error instanceof CommanderError)
      return error.exitCode === 0 ? null : { message: sentenceOf(error), told: !asJson }
    return { message: sentenceFor(error), told: false, error }
  }
}

/** @param asJson what is wrong is not told by commander itself */
export function createProgram(asJson: boolean): Command {
  const program = new Command(SLUICE)
    .description('Operate Sluice: shops, vendors, deliveries.')
    .configureHelp({ showGlobalOptions: true })
    .option('--json', 'print JSON instead of text')
    .exitOverride()
    .showHelpAfterError(`("${SLUICE} --help" lists the commands, and --help after a command its options.)`)
  if (asJson) program.configureOutput({ writeErr: () => {} })
  for (const add of [
    shopCommands,
    pixelCommands,
    vendorCommands,
    eventsCommand,
    deliveryCommands,
    spoolCommand,
    laneCommands,
    fleetCommands,
    alertCommands,
    auditCommand,
    keyCommands,
    supportCommands,
    doctorCommand,
  ])
    add(program)
  return program
}

function sentenceOf({ code, message }: CommanderError): string {
  if (code === 'commander.help') return `No command was given; "${SLUICE} --help" lists them.`
  return message.replace(/^error: /, '').replaceAll('\n', ' ')
}
