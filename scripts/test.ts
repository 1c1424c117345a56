/**
 * `npm test`: the build, then the static checks and every test beside one another, each counted, closing with one line of totals.
 * `--checks-only` stops before the tests. Exits 1 on any failure.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { linesIn, searchLines } from '../tests/support/search-logs.ts'

const ROOT = resolve(import.meta.dirname, '..')
const BIN = join(ROOT, 'node_modules/.bin')
const COMPILED = join(ROOT, 'node_modules/.cache/compiled')

type Check = readonly [name: string, command: string, ...args: string[]]
/** First: what a check looks at and tests serve is made by it. */
const BUILD: Check = ['build', 'remix', 'vite:build', '--logLevel', 'warn']
const CHECKS: readonly Check[] = [
  ['lint and format', 'biome', 'check', '--error-on-warnings', '.'],
  ['types', 'tsc', '--noEmit'],
  [
    'who may import whom',
    'depcruise',
    'app',
    'bench',
    'extensions',
    'sandbox',
    'scripts',
    'storefront',
    'tests',
    'server.ts',
    '--output-type',
    'err-long',
  ],
]

const counts = { passed: 0, failed: 0, skipped: 0 }

await check(BUILD)
const checksOnly = process.argv.includes('--checks-only')
// The tests that come first wait for other processes half of their time.
await Promise.all([...CHECKS.map(check), ...(checksOnly ? [] : [runTests()])])

const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''
console.log(`\n${counts.passed} passed, ${counts.failed} failed${skipped}`)
process.exit(counts.failed === 0 ? 0 : 1)

/** What it says is shown when it has ended, in one piece. */
async function check([name, command, ...args]: Check): Promise<void> {
  const child = spawn(join(BIN, command), args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] })
  const [out, err, status] = await Promise.all([text(child.stdout), text(child.stderr), endOf(child)])
  console.log(`\n▸ ${name}\n${out}${err}`.trimEnd())
  counts[status === 0 ? 'passed' : 'failed'] += 1
}

/** @returns its exit code; null where it was killed or could not be started */
function endOf(child: ChildProcess): Promise<number | null> {
  return new Promise(done => {
    child.once('close', done)
    child.once('error', error => {
      console.error(error.message)
      done(null)
    })
  })
}

async function runTests(): Promise<void> {
  console.log('\n▸ tests')
  const folder = mkdtempSync(join(tmpdir(), 'sluice-test-'))
  const report = join(folder, 'report.json')
  const logs = join(folder, 'logs')
  const child = spawn(
    join(BIN, 'vitest'),
    ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
    {
      cwd: ROOT,
      stdio: ['ignore', 'inherit', 'inherit'],
      // Hundreds of processes compile the same modules.
      env: { ...process.env, SLUICE_TEST_LOGS: logs, NODE_COMPILE_CACHE: COMPILED },
    },
  )
  const status = await endOf(child)
  searchLogs(logs)
  try {
    const result = JSON.parse(readFileSync(report, 'utf8'))
    counts.passed += result.numPassedTests
    counts.failed += result.numFailedTests
    counts.skipped += result.numPendingTests + result.numTodoTests
    // A file that fails to load, or a failing set-up, has no failed test of its own.
    if (status !== 0 && result.numFailedTests === 0) counts.failed += 1
  } catch {
    counts.failed += 1
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** The apps of the whole run log at the finest level: nothing secret or personal may stand in any line. */
function searchLogs(folder: string): void {
  const lines = linesIn(folder)
  const findings = searchLines(lines)
  console.log(`\n▸ no secrets in ${lines.length} log lines`)
  for (const { what, line } of findings.slice(0, 10)) console.log(`  ${what}: ${line.slice(0, 300)}`)
  counts[lines.length > 0 && findings.length === 0 ? 'passed' : 'failed'] += 1
}
