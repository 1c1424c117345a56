/** Small statistics over measured samples. */

export type Summary = { count: number; p50: number; p95: number; p99: number; max: number }

/**
 * The nearest-rank percentile: the smallest sample that is at least as large as `p` per cent of them.
 * @param sorted ascending
 * @param p above 0, at most 100
 * @returns NaN when there are no samples
 */
export function percentile(sorted: readonly number[], p: number): number {
  const rank = Math.max(1, Math.ceil((p / 100) * sorted.length))
  return sorted[rank - 1] ?? Number.NaN
}

/** @param samples in any order, any unit; the summary has the same unit */
export function summarise(samples: readonly number[]): Summary {
  const sorted = Float64Array.from(samples).sort()
  const list = Array.from(sorted)
  return {
    count: list.length,
    p50: percentile(list, 50),
    p95: percentile(list, 95),
    p99: percentile(list, 99),
    max: list.at(-1) ?? Number.NaN,
  }
}

/** The middle one, or the mean of the two middle ones. @returns NaN when there are no samples */
export function median(samples: readonly number[]): number {
  const sorted = [...samples].sort((a, b) => a - b)
  const middle = sorted.length / 2
  if (sorted.length % 2 === 1) return sorted[Math.floor(middle)] ?? Number.NaN
  return ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2
}

/** @returns NaN when there are no samples */
export function mean(samples: readonly number[]): number {
  return samples.reduce((sum, sample) => sum + sample, 0) / samples.length
}

/** The rise per sample of the straight line that fits best (least squares). @returns 0 for fewer than two samples */
export function slope(samples: readonly number[]): number {
  if (samples.length < 2) return 0
  const middle = (samples.length - 1) / 2
  const average = mean(samples)
  const spread = samples.reduce((sum, _, x) => sum + (x - middle) ** 2, 0)
  return samples.reduce((sum, y, x) => sum + (x - middle) * (y - average), 0) / spread
}
