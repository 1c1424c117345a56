/**
 * `npm test`: the build, the static checks and every test, each counted, closing with one line of totals.
 * `--checks-only` stops before the tests. Exits 1 on any failure.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { linesIn, searchLines } from '../tests/support/search-logs.ts'

const ROOT = resolve(import.meta.dirname, '..')
const BIN = join(ROOT, 'node_modules/.bin')
const COMPILED = join(ROOT, 'node_modules/.cache/compiled')

const CHECKS: readonly [name: string, command: string, ...args: string[]][] = [
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
  ['build', 'remix', 'vite:build', '--logLevel', 'warn'],
]

const counts = { passed: 0, failed: 0, skipped: 0 }

for (const [name, command, ...args] of CHECKS) {
  console.log(`\n▸ ${name}`)
  const { status } = spawnSync(join(BIN, command), args, {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  counts[status === 0 ? 'passed' : 'failed'] += 1
}

if (!process.argv.includes('--checks-only')) runTests()

const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''
console.log(`\n${counts.passed} passed, ${counts.failed} failed${skipped}`)
process.exit(counts.failed === 0 ? 0 : 1)

function runTests(): void {
  console.log('\n▸ tests')
  const folder = mkdtempSync(join(tmpdir(), 'sluice-test-'))
  const report = join(folder, 'report.json')
  const logs = join(folder, 'logs')
  const { status } = spawnSync(
    join(BIN, 'vitest'),
    ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
    {
      cwd: ROOT,
      stdio: ['ignore', 'inherit', 'inherit'],
      // Hundreds of processes compile the same modules.
      env: { ...process.env, SLUICE_TEST_LOGS: logs, NODE_COMPILE_CACHE: COMPILED },
    },
  )
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
