/**
 * The operator's command line: `npm run sluice -- <command>`. Works while the app runs (on its embedded
 * database too) and when it does not. With `--json` every command prints one JSON value, of what goes wrong too.
 */
import { enableCompileCache } from 'node:module'

// Half of a command's time is compiling (https://nodejs.org/api/module.html#moduleenablecompilecachecachedir).
enableCompileCache()
const { main, tellWrong } = await import('./program.ts')
const { sentenceFor } = await import('./trouble.ts')
// What nobody waits for, such as a connection that breaks between two questions.
process.on('uncaughtException', error => {
  tellWrong(process.argv, { message: sentenceFor(error), told: false, error })
  process.exit(1)
})
// Who reads what is printed may have had enough, such as "head".
process.stdout.on('error', error => {
  if ((error as NodeJS.ErrnoException).code === 'EPIPE') process.exit()
  throw error
})
await main(process.argv.slice(2))
