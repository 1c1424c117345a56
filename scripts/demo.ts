/**
 * `npm run demo`: everything on one machine with nothing else installed. Options: `--port N` moves it,
 * `--once` plays a day in a store and exits 0 only when every inbox holds exactly what it should,
 * `--script FILE` plays JSON lines of webhooks and storefront batches, `--code` prints a code for the support console.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { removeEmbedded } from '../app/db/embedded/index.ts'
import { listDeliveries } from '../app/insights/deliveries.ts'
import { createLog } from '../app/log.ts'
import { shopByDomain } from '../app/shopify/shops.ts'
import { codeAt } from '../app/support/codes.ts'
import { DEMO_SECRET, DEMO_SHOP, type Demo, PORTS, startDemo } from '../sandbox/demo/environment.ts'
import { checkInbox, type Finding } from '../sandbox/demo/expected.ts'
import { untilIdle } from '../sandbox/demo/idle.ts'
import { playScript, readScript } from '../sandbox/demo/script.ts'
import { dayInTheStore } from '../sandbox/demo/story.ts'
import { demoCode } from '../sandbox/demo/support.ts'
import { VENDORS } from '../sandbox/vendors/contract.ts'
import { ensureBuild } from './build.ts'

const ROOT = resolve(import.meta.dirname, '..')
const FOLDER = join(ROOT, '.data/demo')

const USAGE = `npm run demo                          everything, until Ctrl-C
npm run demo -- --port 4000           the app there, inboxes, vendors, store and admin on the seven ports after it
npm run demo -- --once                a day in a store; exits 0 only when all of it arrived
npm run demo -- --script FILE         plays JSON lines of webhooks and storefront batches
npm run demo -- --code                a code to sign in to the support console of the demo that runs
npm run demo -- --help                this`

try {
  const values = options()
  if (values.help) {
    console.log(USAGE)
    process.exit(0)
  }
  if (values.code) {
    console.log(demoCode(FOLDER))
    process.exit(0)
  }
  ensureBuild()
  if (values.once || values.script) await playOnce(portOf(values.port, 0), values.script)
  else await stayUp(portOf(values.port, 3000))
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}

function options() {
  try {
    return parseArgs({
      options: {
        port: { type: 'string' },
        once: { type: 'boolean' },
        script: { type: 'string' },
        code: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values
  } catch (error) {
    const [wrong] = String((error as Error).message).split('. ')
    throw new Error(`${wrong}. What there is:\n\n${USAGE}`)
  }
}

function portOf(given: string | undefined, fallback: number): number {
  const port = Number(given ?? fallback)
  if (!Number.isInteger(port) || port < 0 || port + PORTS > 65_536)
    throw new Error('--port must be a whole number from 1 to 65528.')
  return port
}

async function stayUp(port: number): Promise<void> {
  const demo = await startDemo({
    folder: FOLDER,
    port,
    log: createLog('warn'),
    storefront: true,
  })
  const stop = async () => {
    await demo.close()
    process.exit(0)
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  const { urls } = demo.vendors
  const { email, password, secret } = demo.support
  console.log(`
Sluice is running.

  Store          ${demo.storefront?.url}   (begin here: browse, add to the cart, check out)
  Inboxes        ${urls.inbox}   (and watch here what the vendors receive)
  Admin          ${demo.frame.address(DEMO_SHOP)}   (the app, as the merchant opens it)
  Mailbox        ${demo.frame.mailbox}   (alerts by e-mail, to whomever, arrive here)
  Support        ${demo.appUrl}/support   (the console; sign in as below)
  App            ${demo.appUrl}
  Ecomail        ${urls.ecomail}
  Topmail        ${urls.topmail}
  Alana          ${urls.alana}
  Voucherify     ${urls.voucherify}

  Shop           ${DEMO_SHOP}
  Secret         ${DEMO_SECRET}   (signs its webhooks)
  Vendor keys    npm run sluice -- vendor show ${DEMO_SHOP} ecomail   (they are in sandbox/vendors/credentials.ts)

  E-mail         ${email}
  Password       ${password}
  Code           ${codeAt(secret, new Date())}   (npm run demo -- --code prints the next; an authenticator app makes them of ${secret})

In another terminal:  npm run sluice -- deliveries ${DEMO_SHOP}
Ctrl-C stops all of it.
`)
}

async function playOnce(port: number, script: string | undefined): Promise<void> {
  const text = script && readFileSync(script, 'utf8')
  // What cannot be read is said before anything is started.
  if (text !== undefined) readScript(text)
  const folder = mkdtempSync(join(tmpdir(), 'sluice-demo-'))
  const demo = await startDemo({ folder, port, log: createLog('error'), storefront: false })
  let good = false
  try {
    good = text === undefined ? await playDay(demo) : await playScript(demo.store, text)
    await untilIdle(demo.server.services)
    if (text !== undefined) await tellOutcomes(demo)
    good = report(demo, text === undefined) && good
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

/** What became of each event of a script, so that an inbox that stays empty is no riddle. */
async function tellOutcomes({ server }: Demo): Promise<void> {
  const shop = await shopByDomain(server.services.database.prisma, DEMO_SHOP)
  if (!shop) return
  const lines = await listDeliveries(server.services.database.prisma, { shopId: shop.id, limit: 1000 })
  console.log(lines.length === 0 ? '\nNo vendor wanted anything of it.' : '')
  for (const { type, vendor, state, message } of lines.reverse()) {
    console.log(`${type} at ${vendor}: ${state}${message ? `. ${message}` : ''}`)
  }
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
