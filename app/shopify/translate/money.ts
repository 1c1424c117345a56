/** Exact sums of decimal strings. */
import { Decimal } from 'decimal.js'

/** More digits than any product of an amount, a quantity and a share has. */
export const Exact = Decimal.clone({ precision: 60, rounding: Decimal.ROUND_HALF_UP })
export type Exact = InstanceType<typeof Exact>

const LARGEST = new Exact('999999999999999')

/** The sum of the amounts that are known; zero of none. */
export function sum(amounts: readonly (string | null)[]): Exact {
  return amounts.reduce((total, amount) => total.plus(amount ?? 0), new Exact(0))
}

/**
 * An amount with as many decimals as the most precise of those it was made from: cents stay cents, and yen
 * get no decimals. Amounts that no currency has are held at the largest that an event can carry.
 */
export function written(value: Exact, madeFrom: readonly (string | null)[]): string {
  const decimals = Math.max(0, ...madeFrom.map(amount => amount?.split('.')[1]?.length ?? 0))
  const held = Exact.max(LARGEST.negated(), Exact.min(LARGEST, value))
  return held.toFixed(decimals).replace(/^-(0(?:\.0+)?)$/, '$1')
}

/** The shop-currency amount of a `*_set` where there is one, else the plain field. */
export function shopAmount(set: { amount: string } | null, plain: string | null): string | null {
  return set?.amount ?? plain
}
