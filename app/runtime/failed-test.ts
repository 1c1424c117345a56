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

/** @returns null when it is none of ours, or of other settings than these */
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
  return { at, result: { ok: false, merchant, log: merchant, refused } }
}
