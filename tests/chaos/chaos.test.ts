/** The short form of `npm run chaos`: a few kills and one crash of PostgreSQL, and nothing is lost. */
import { expect, it } from 'vitest'
import { runChaos } from './harness.ts'
import { reportOf } from './report.ts'
import { verify } from './verify.ts'

it('nothing that was acknowledged is lost when processes and the database die', async () => {
  const lines: string[] = []
  const options = {
    seed: 11,
    kills: 6,
    restarts: 1,
    seconds: 90,
    shops: 3,
    workers: 2,
    everyMs: 150,
    long: false,
  }
  const run = await runChaos({ ...options, log: line => lines.push(line) })
  const report = reportOf(options, run, verify(run.evidence))
  expect(report.violations, lines.join('\n')).toEqual([])
  expect(report.acts).toMatchObject({ kills: 6, databaseCrashes: 1, carriedOut: run.planned })
  // A run in which nothing happened would prove nothing.
  expect(report.events.acknowledged).toBeGreaterThan(50)
  for (const { arrived } of report.vendors) expect(arrived).toBeGreaterThan(10)
}, 300_000)
