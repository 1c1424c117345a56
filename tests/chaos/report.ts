/** The figures of a run: a table for people, JSON for everybody else. */
import { VENDORS } from '../../sandbox/vendors/contract.ts'
import type { ChaosOptions, Run } from './harness.ts'
import type { Act } from './plan.ts'
import { EXPLANATIONS, type Explanation, type Verdict, VIOLATIONS } from './verify.ts'

export type Report = ReturnType<typeof reportOf>

export function reportOf(options: Omit<ChaosOptions, 'log'>, run: Run, { violations, duplicates }: Verdict) {
  const acts = (kind: Act['kind']) => run.done.filter(act => act.kind === kind).length
  const takenOver = duplicates.flatMap(one => one.takenOverAfterMs ?? []).toSorted((a, b) => a - b)
  const { evidence } = run
  return {
    options,
    passed: violations.length === 0 && run.done.length === run.planned,
    seconds: Math.round(run.seconds),
    acts: {
      planned: run.planned,
      carriedOut: run.done.length,
      kills: acts('kill'),
      terminations: acts('terminate'),
      freezes: acts('freeze'),
      databaseCrashes: acts('crash-database'),
      deadVendors: acts('fail-vendor'),
    },
    events: { requests: run.requests, sent: run.sent, acknowledged: run.acknowledged },
    deliveries: {
      total: evidence.deliveries.reduce((sum, { count }) => sum + count, 0),
      attempts: run.attempts,
      byState: evidence.deliveries,
    },
    vendors: VENDORS.map(vendor => {
      const ours = duplicates.filter(({ first }) => first.vendor === vendor)
      const explained = (why: Explanation) => ours.filter(({ explanation }) => explanation === why).length
      return {
        vendor,
        requests: run.received[vendor],
        arrived: new Set(
          evidence.sightings.filter(one => one.vendor === vendor && one.accepted).map(one => one.key),
        ).size,
        duplicates: ours.length,
        absorbedByVendor: ours.filter(({ again }) => again.absorbed).length,
        explained: Object.fromEntries(explanations().map(why => [why, explained(why)])),
        unexplained: ours.filter(({ explanation }) => explanation === null).length,
      }
    }),
    takenOverAfterMs: {
      count: takenOver.length,
      least: takenOver[0] ?? null,
      median: takenOver[Math.floor(takenOver.length / 2)] ?? null,
      most: takenOver.at(-1) ?? null,
    },
    slowestStopMs: Math.max(0, ...evidence.terminations),
    violations,
  }
}

export function tableOf(report: Report): string {
  const { acts, events, deliveries, takenOverAfterMs: taken } = report
  const lines = [
    ['kills', acts.kills],
    ['SIGTERM, freezes', `${acts.terminations}, ${acts.freezes}`],
    ['crashes of PostgreSQL', acts.databaseCrashes],
    ['dead vendors', acts.deadVendors],
    ['requests to the app', events.requests],
    ['events sent, acknowledged', `${events.sent}, ${events.acknowledged}`],
    ['deliveries, attempts', `${deliveries.total}, ${deliveries.attempts}`],
    ...report.vendors.map(one => [
      one.vendor,
      `${one.arrived} arrived in ${one.requests} requests, ${one.duplicates} twice${reasons(one.explained)}`,
    ]),
    [
      'undisturbed take-overs',
      taken.count === 0
        ? 'none seen'
        : `${taken.count}, median ${inSeconds(taken.median)}, most ${inSeconds(taken.most)}`,
    ],
    ['slowest stop', inSeconds(report.slowestStopMs)],
    ['violations', report.violations.length],
  ].map(([name, value]) => `  ${String(name).padEnd(26)} ${value}`)
  const broken = report.violations.map(({ kind, what }) => `  ${VIOLATIONS[kind]}: ${what}`)
  const unfinished =
    acts.carriedOut < acts.planned
      ? [`  only ${acts.carriedOut} of ${acts.planned} acts in the time given`]
      : []
  return [...lines, ...broken, ...unfinished].join('\n')
}

const explanations = () => Object.keys(EXPLANATIONS) as Explanation[]

function reasons(explained: Record<string, number>): string {
  const parts = Object.entries(explained).flatMap(([why, count]) => (count > 0 ? [`${count} ${why}`] : []))
  return parts.length > 0 ? ` (${parts.join(', ')})` : ''
}

const inSeconds = (ms: number | null) => (ms === null ? '–' : `${(ms / 1000).toFixed(1)} s`)
