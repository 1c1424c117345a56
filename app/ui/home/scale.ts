/** The top of a chart's axis: the least round and even number that nothing exceeds, so that its half is a whole number too. */
const STEPS = [1, 2, 4, 6, 8] as const

export function topOf(most: number): number {
  for (let power = 1; ; power *= 10)
    for (const step of STEPS) {
      const top = step * power
      if (top >= most && top % 2 === 0) return top
    }
}
