/**
 * `npm run demo`: everything on one machine with nothing else installed. Options: `--port N` moves it,
 * `--once` plays a day in a store and exits 0 only when every inbox holds exactly what it should,
 * `--script FILE` plays JSON lines of webhooks and storefront batches.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { removeEmbedded } from '../app/db/embedded/index.ts'
import { createLog } from '../app/log.ts'
import { DEMO_SECRET, DEMO_SHOP, type Demo, startDemo } from '../sandbox/demo/environment.ts'
import { checkInbox, type Finding } from '../sandbox/demo/expected.ts'
import { untilIdle } from '../sandbox/demo/idle.ts'
import { playScript } from '../sandbox/demo/script.ts'
import { dayInTheStore } from '../sandbox/demo/story.ts'
import { VENDORS } from '../sandbox/vendors/contract.ts'

const ROOT = resolve(import.meta.dirname, '..')

const { values } = parseArgs({
  options: {
    port: { type: 'string' },
    once: { type: 'boolean', default: false },
    script: { type: 'string' },
  },
})

try {
  build()
  if (values.once || values.script) await playOnce(values.script)
  else await stayUp()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}

/** The app is built anew each time: two seconds, and never an old build. */
function build(): void {
  const { status, stderr } = spawnSync(
    join(ROOT, 'node_modules/.bin/remix'),
    ['vite:build', '--logLevel', 'error'],
    { cwd: ROOT, encoding: 'utf8' },
  )
  if (status !== 0) throw new Error(`The app could not be built.\n${stderr}`)
}

function portOf(fallback: number): number {
  const port = Number(values.port ?? fallback)
  if (!Number.isInteger(port) || port < 0 || port > 65_530)
    throw new Error('--port must be a whole number from 1 to 65530.')
  return port
}

async function stayUp(): Promise<void> {
  const demo = await startDemo({
    folder: join(ROOT, '.data/demo'),
    port: portOf(3000),
    log: createLog('warn'),
  })
  const { urls } = demo.vendors
  console.log(`
Sluice is running.

  App            ${demo.appUrl}
  Inboxes        ${urls.inbox}   (open this page and watch)
  Ecomail        ${urls.ecomail}
  Topmail        ${urls.topmail}
  Alana          ${urls.alana}
  Voucherify     ${urls.voucherify}

  Shop           ${DEMO_SHOP}
  Secret         ${DEMO_SECRET}   (signs its webhooks)

In another terminal:  npm run sluice -- deliveries ${DEMO_SHOP}
Ctrl-C stops all of it.
`)
  const stop = async () => {
    await demo.close()
    process.exit(0)
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
}

async function playOnce(script: string | undefined): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-demo-'))
  const demo = await startDemo({ folder, port: portOf(0), log: createLog('error') })
  let good = false
  try {
    good = script ? await playScript(demo.store, readFileSync(script, 'utf8')) : await playDay(demo)
    await untilIdle(demo.server.services)
    good = report(demo, script === undefined) && good
  } finally {
    await demo.close()
    await removeEmbedded(folder)
    rmSync(folder, { recursive: true, force: true })
  }
  process.exit(good ? 0 : 1)
}

async function playDay({ store, server }: Demo): Promise<boolean> {
  let good = true
  for (const step of dayInTheStore()) {
    const response = await step.run(store)
    const right = response.status === step.expect
    console.log(
      `${right ? '✓' : '✗'} ${step.tell}: ${response.status}${right ? '' : ` instead of ${step.expect}`}`,
    )
    good &&= right
    // Each step is seen through before the next, so that no state of the order is overtaken by a newer one.
    await untilIdle(server.services)
  }
  return good
}

/** Prints what each vendor received. @returns whether that is what the day should have left there */
function report({ vendors }: Demo, judged: boolean): boolean {
  let good = true
  for (const vendor of VENDORS) {
    const counts = vendors.counts(vendor)
    console.log(`\n${vendor}: ${counts.accepted} accepted, ${counts.refused} refused`)
    const findings: Finding[] = judged ? checkInbox(vendor, vendors.inbox(vendor)) : []
    for (const { what, wanted, found } of findings) {
      const right = wanted === found
      good &&= right
      console.log(`  ${right ? '✓' : '✗'} ${what}${right ? '' : `: ${found} instead of ${wanted}`}`)
    }
  }
  if (judged) console.log(good ? '\nEverything arrived, once.' : '\nSomething is not as it should be.')
  return good
}
