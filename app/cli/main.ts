/**
 * The operator's command line: `npm run sluice -- <command>`. Works while the app runs (on its embedded
 * database too) and when it does not. With `--json` every command prints one JSON value, of what goes wrong too.
 */
import { enableCompileCache } from 'node:module'

// Half of a command's time is compiling (https://nodejs.org/api/module.html#moduleenablecompilecachecachedir).
enableCompileCache()
const { main } = await import('./program.ts')
await main(process.argv.slice(2))
