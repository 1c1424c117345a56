/**
 * The operator's command line: `npm run sluice -- <command>`. Works while the app runs (on its embedded
 * database too) and when it does not. With `--json` every command prints one JSON value.
 */
import { Command } from 'commander'
import { alertCommands } from './alerts.ts'
import { deliveryCommands } from './deliveries.ts'
import { doctorCommand } from './doctor.ts'
import { Failure } from './failure.ts'
import { laneCommands } from './lanes.ts'
import { pixelCommands } from './pixels.ts'
import { shopCommands } from './shops.ts'
import { spoolCommand } from './spool.ts'
import { vendorCommands } from './vendors.ts'

const program = new Command('sluice')
  .description('Operate Sluice: shops, vendors, deliveries.')
  .configureHelp({ showGlobalOptions: true })
program.option('--json', 'print JSON instead of text')
for (const add of [
  shopCommands,
  pixelCommands,
  vendorCommands,
  deliveryCommands,
  spoolCommand,
  laneCommands,
  alertCommands,
  doctorCommand,
])
  add(program)

try {
  await program.parseAsync()
} catch (error) {
  const message = error instanceof Failure || error instanceof Error ? error.message : String(error)
  if (program.opts<{ json?: boolean }>().json) console.log(JSON.stringify({ error: message }))
  else console.error(message)
  process.exitCode = 1
}
