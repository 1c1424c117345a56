/** What a test said that failed, sealed for the form that it was of: saved as they were tested, its settings stand as refused. */
import { z } from 'zod'
import { secretsContext } from '../delivery/connections.ts'
import type { Lane } from '../delivery/lane.ts'
import type { Sealer } from '../secrets/seal.ts'
import type { TestResult } from '../vendors/vendor.ts'

export type FailedTest = { at: Date; result: TestResult }

const sealedSchema = z.object({ at: z.coerce.date(), merchant: z.string(), refused: z.boolean() })

/** Bound to the settings themselves, of which it holds nothing. */
const contextOf = (lane: Lane, given: Record<string, unknown>) => [
  ...secretsContext(lane.shopId, lane.vendor),
  'failed test',
  JSON.stringify(given),
]

export function sealFailedTest(
  sealer: Sealer,
  lane: Lane,
  given: Record<string, unknown>,
  { merchant, refused = false }: TestResult,
): string {
  return sealer.seal(JSON.stringify({ at: new Date(), merchant, refused }), contextOf(lane, given))
}

/** A page may stand open for days, and somebody else may have tested and saved the same meanwhile. */
const COUNTS_FOR_MS = 3600_000

/** @returns null when it is none of ours, of other settings than these, or of more than an hour ago */
export function openFailedTest(
  sealer: Sealer,
  lane: Lane,
  given: Record<string, unknown>,
  sealed: string,
): FailedTest | null {
  let opened: string
  try {
    opened = sealer.unseal(sealed, contextOf(lane, given))
  } catch {
    // Whoever changed something since has settings that nobody tested.
    return null
  }
  const { at, merchant, refused } = sealedSchema.parse(JSON.parse(opened))
  if (Date.now() - at.getTime() > COUNTS_FOR_MS) return null
  return { at, result: { ok: false, merchant, log: merchant, refused } }
}
