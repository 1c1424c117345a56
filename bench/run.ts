/** `npm run bench`: measures, shows a table and keeps the figures as JSON under bench/results/. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { ensureBuild } from '../scripts/build.ts'
import { SUITES } from './suites/index.ts'
import { runSuite, type Suite } from './support/bench.ts'
import { RESULTS, saveReport, showSuite, startReport, toJson } from './support/report.ts'

type Given = {
  only?: string
  quick: boolean
  json: boolean
  lifted: boolean
  profile: boolean
  results: string
}

const program = new Command('bench')
  .description('Measures Sluice against baselines in the same run.')
  .option('--only <ids>', `some of ${SUITES.map(suite => suite.id).join(', ')}, separated by commas`)
  .option('--quick', 'seconds instead of minutes; the figures then say nothing', false)
  .option('--json', 'prints the figures as JSON instead of tables', false)
  .option('--lifted', "lifts the vendors' limits also where a benchmark keeps them", false)
  .option(
    '--profile',
    'writes CPU profiles beside the figures and has PostgreSQL count its statements',
    false,
  )
  .option('--results <folder>', 'where the figures go', RESULTS)
  .parse()

const given = program.opts<Given>()
const chosen = choose(given.only)
ensureBuild()
const report = startReport(given.quick)
const profiles = given.profile ? join(given.results, 'profiles') : null
mkdirSync(profiles ?? given.results, { recursive: true })
for (const suite of chosen) {
  const started = Date.now()
  const measured = await runSuite(suite, { quick: given.quick, lifted: given.lifted, profiles })
  const { id, about } = suite
  const done = { id, about, seconds: (Date.now() - started) / 1000, notes: [], ...measured }
  report.suites.push(done)
  // After each benchmark: what was measured in an hour outlives the failure of what comes next.
  const file = saveReport(report, given.results)
  if (!given.json) console.log(`${showSuite(done)}\n  kept in ${file}`)
}
if (given.json) console.log(toJson(report))

function choose(only: string | undefined): readonly Suite[] {
  if (only === undefined) return SUITES
  return only.split(',').map(id => {
    const suite = SUITES.find(one => one.id === id.trim())
    return suite ?? program.error(`There is no benchmark "${id}": ${SUITES.map(one => one.id).join(', ')}.`)
  })
}
