/** The keys that seal secrets and personal fields, by their names alone: what stands under which, and sealing anew. */
import type { Pool } from 'pg'
import { z } from 'zod'
import type { Sealer } from '../secrets/seal.ts'
import { type AuditEntry, writeAudit } from '../support/audit.ts'
import { type Lost, lostInWords, lostTogether } from './lost-values.ts'
import { BEGINNING, type KeyUse, keyUses, type Place, rotateStep } from './rotate-keys.ts'
import type { Staff } from './support.ts'

export type { Lost } from './lost-values.ts'
export type { KeyUse } from './rotate-keys.ts'

/** `first` seals; all unseal. */
export type KeyIds = { first: string; others: string[] }

/**
 * How far a rotation is. `going`: what the next step is begun with, which only this app can read; null: it is through.
 * `otherwise`: the rotation was begun by a process that has another key first.
 */
export type KeysRotated =
  | { kind: 'step'; sealed: number; unreadable: number; lost: Lost[]; going: string | null }
  | { kind: 'otherwise' }

export type SupportKeys = {
  list(staff: Staff): KeyIds
  /** Reads whole tables. */
  uses(staff: Staff): Promise<KeyUse[]>
  /**
   * Seals some more anew, for about two seconds. That it was begun and that it is through are entries of the audit: a rotation that
   * was broken off is begun again, and finds only what is left.
   * @param going of the step before; null begins
   * @throws Response 400 when it is of no step
   */
  rotate(staff: Staff, going: string | null): Promise<KeysRotated>
  /**
   * Writes down that the page was left between the beginning and the end, with how far it was. The step that was on its way then may have sealed more.
   * @param going of the last step that the page knows of; null: of none
   * @throws Response 400 when it is of no step
   */
  left(staff: Staff, going: string | null): Promise<void>
}

const NOTHING = { sealed: 0, unreadable: 0, lost: [] as Lost[] }
const STEP_MS = 2_000
const SEALED_FOR = ['support', 'keys']
const goingSchema = z.object({
  first: z.string(),
  sealed: z.number(),
  unreadable: z.number(),
  lost: z
    .array(
      z.object({
        table: z.string(),
        column: z.string(),
        key: z.string(),
        count: z.number(),
        of: z.array(z.string()),
      }),
    )
    // A page that an older version gave has none.
    .default([]),
  place: z.object({ column: z.number(), after: z.record(z.string(), z.string()).nullable() }),
})
/** Kept by the browser, sealed: keys of rows are nothing to show. */
type Going = z.infer<typeof goingSchema>
type Context = { pool: Pool; sealer: Sealer; keyIds: readonly string[] }

export function createSupportKeys({ pool, sealer, keyIds }: Context): SupportKeys {
  const [first = '', ...others] = keyIds
  const rotation = (after: unknown): AuditEntry => ({ action: 'keys_rotate', subject: first, after })

  function read(text: string): Going {
    const plain = sealer.tryUnseal(text, SEALED_FOR)
    if (plain === null) throw new Response(null, { status: 400 })
    return goingSchema.parse(JSON.parse(plain))
  }

  return {
    list: () => ({ first, others }),
    uses: () => keyUses(pool),
    async rotate({ by }, going) {
      const before = going === null ? { first, ...NOTHING, place: BEGINNING } : read(going)
      if (before.first !== first) return { kind: 'otherwise' }
      if (going === null) await writeAudit(pool, by, [rotation({ state: 'begun' })])
      let { sealed, unreadable, lost } = before
      let place: Place | null = before.place
      for (const until = Date.now() + STEP_MS; place && Date.now() < until; ) {
        const step = await rotateStep({ pool, sealer, keyId: first }, place)
        sealed += step.sealed
        unreadable += step.unreadable
        lost = lostTogether([...lost, ...step.lost])
        place = step.next
      }
      const done = { sealed, unreadable, lost }
      if (place) {
        const next: Going = { first, ...done, place }
        return { kind: 'step', ...done, going: sealer.seal(JSON.stringify(next), SEALED_FOR) }
      }
      await writeAudit(pool, by, [rotation({ state: 'through', ...done, lost: lost.map(lostInWords) })])
      return { kind: 'step', ...done, going: null }
    },
    async left({ by }, going) {
      const { sealed, unreadable, lost } = going === null ? NOTHING : read(going)
      const so = { sealed, unreadable, lost: lost.map(lostInWords) }
      await writeAudit(pool, by, [rotation({ state: 'left', ...so })])
    },
  }
}
