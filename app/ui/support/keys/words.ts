/** What is counted of the keys. */
import type { KeyUse } from '../../../runtime/support-keys.ts'

export type Left = { all: number; spooled: number }

/** How much is under a key, and how much of it in the spool. */
export function underKey(uses: readonly KeyUse[], key: string): Left {
  const its = uses.filter(use => use.key === key)
  return { all: sum(its), spooled: sum(its.filter(({ table }) => table === 'spool')) }
}

/**
 * What sealing anew finds: what is under another key than the first, but for the spool, which empties by itself. `values`: without the
 * marks, which go with them.
 */
export function leftToSeal(uses: readonly KeyUse[], first: string): { all: number; values: number } {
  const left = uses.filter(({ table, key }) => table !== 'spool' && key !== first)
  return { all: sum(left), values: sum(left.filter(({ kind }) => kind === 'sealed')) }
}

const sum = (uses: readonly KeyUse[]) => uses.reduce((total, { count }) => total + count, 0)
