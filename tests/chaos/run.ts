/**
 * `npm run chaos`: the long form. `--kills N --restarts N --seconds N --seed N`; exits 1 on any broken promise.
 * `--evidence` also keeps every request that arrived and all that was done, to find a violation's cause.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { runChaos } from './harness.ts'
import { reportOf, tableOf } from './report.ts'
import { verify } from './verify.ts'

const FOLDER = resolve(import.meta.dirname, '../../bench/results')
const print = (line: string) => process.stdout.write(`${line}\n`)

const { values } = readArguments()
function readArguments() {
  try {
    return parseArgs({
      options: {
        kills: { type: 'string', default: '100' },
        restarts: { type: 'string', default: '3' },
        seconds: { type: 'string', default: '600' },
        seed: { type: 'string', default: String(Math.floor(Math.random() * 1e6)) },
        evidence: { type: 'boolean', default: false },
      },
    })
  } catch (error) {
    print(error instanceof Error ? error.message : String(error))
    print('npm run chaos -- [--kills N] [--restarts N] [--seconds N] [--seed N] [--evidence]')
    process.exit(1)
  }
}
const whole = (name: 'kills' | 'restarts' | 'seconds' | 'seed', least: number) => {
  const number = Number(values[name])
  if (Number.isInteger(number) && number >= least) return number
  print(`--${name} must be a whole number, ${least} or more.`)
  process.exit(1)
}
const options = {
  kills: whole('kills', 1),
  restarts: whole('restarts', 0),
  seconds: whole('seconds', 1),
  seed: whole('seed', 0),
  shops: 5,
  workers: 3,
  everyMs: 150,
  long: true,
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

const given = (['kills', 'restarts', 'seconds', 'seed'] as const).map(name => `--${name} ${options[name]}`)
print(`repeat this plan with npm run chaos -- ${given.join(' ')}`)
const run = await runChaos({ ...options, log: print })
const report = reportOf(options, run, verify(run.evidence))
mkdirSync(FOLDER, { recursive: true })
writeFileSync(join(FOLDER, 'chaos.json'), `${JSON.stringify(report, null, 2)}\n`)
if (values.evidence) writeFileSync(join(FOLDER, 'chaos-evidence.json'), JSON.stringify(run.evidence))
print(`\n${tableOf(report)}\n\n${report.passed ? 'Nothing was lost.' : 'FAILED'} (bench/results/chaos.json)`)
process.exit(report.passed ? 0 : 1)
