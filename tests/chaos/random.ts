/** Chance that can be repeated: the same seed draws the same numbers. */

export type Random = {
  /** 0 ≤ x < 1 */
  next(): number
  /** A whole number, both ends included. */
  between(from: number, to: number): number
  pick<T>(items: readonly [T, ...T[]]): T
  chance(probability: number): boolean
  shuffled<T>(items: readonly T[]): T[]
}

/** Mulberry32, a public-domain generator of 32 bits. @param seed its lower 32 bits count */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const between = (from: number, to: number) => from + Math.floor(next() * (to - from + 1))
  return {
    next,
    between,
    pick: items => items[between(0, items.length - 1)] ?? items[0],
    chance: probability => next() < probability,
    shuffled(items) {
      const left = [...items]
      return items.flatMap(() => left.splice(between(0, left.length - 1), 1))
    },
  }
}
