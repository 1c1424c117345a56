/** The rows of what was not received, which Shopify's count decides. Pure. */
import type { AccuracyPage, RowKind } from '../../runtime/merchant-accuracy.ts'

/** `count`: null where Shopify's count is not here. */
export type Slot = { kind: RowKind; count: number | null }

/**
 * As many before the count is here as afterwards, whatever it comes to: nothing on the page is moved by it. None where Shopify is
 * not asked.
 */
export function slotsOf({
  shopify,
  whole,
  mayPrecede,
}: Pick<AccuracyPage, 'shopify' | 'whole' | 'mayPrecede'>): Slot[] {
  if (shopify.state === 'unknown' && shopify.why === 'too_far_back') return []
  const known = (count: number) => (shopify.state === 'counted' ? count : null)
  const before: Slot = { kind: 'before', count: known(whole.before) }
  const missing: Slot = { kind: 'missing', count: known(whole.missing) }
  return mayPrecede || whole.before > 0 ? [before, missing] : [missing]
}

const SLOTS: readonly RowKind[] = ['before', 'missing']

/** @returns whether a row of a tool is one that a slot has */
export const isSlot = (kind: RowKind): boolean => SLOTS.includes(kind)
