/** What an entry of the audit says of deliveries that were sent again: which, how many, what they were before and are by then. */
import { z } from 'zod'
import { scrub } from '../privacy/mask.ts'

const REPLAYED = ['failed', 'skipped', 'delivered'] as const

/** By what they were chosen, besides the vendor and what became of them before; as an address of a list says it, but for `person`: that it was one. */
const filterSchema = z.object({
  type: z.string(),
  reason: z.string(),
  newer: z.string(),
  order: z.string().transform(scrub),
  placed: z.string(),
  person: z.literal(true),
  partlyRejected: z.literal(true),
  replayId: z.string(),
  lately: z.string(),
  since: z.string(),
  until: z.string(),
  zone: z.string(),
})
export type ReplayFilterTold = Partial<z.infer<typeof filterSchema>>

export type ToldReplay = {
  /** By which its deliveries are found; null: it is not noted. */
  id: string | null
  /** What they had come to; null: it is not noted, as of one event alone. */
  from: (typeof REPLAYED)[number] | null
  /** Of these so many were held at once, because the vendor was stopped. Null: not noted, as by the command line, which notes it before. */
  done: { count: number; held: number } | null
  chosen: ReplayFilterTold
}

const done = z.object({ count: z.number(), held: z.number() })
const known = z.looseObject({
  replay: z.string().nullable().catch(null),
  outcome: z.enum(REPLAYED).nullable().catch(null),
  /** By the command line. */
  states: z
    .tuple([z.enum(['dead', 'skipped', 'delivered'])])
    .nullable()
    .catch(null),
})

/** Null: nothing that can be read is noted, as by whoever did it before anything was. @param after what the entry keeps */
export function toldReplay(after: unknown): ToldReplay | null {
  const { success, data } = known.safeParse(after)
  if (!success) return null
  const [state = null] = data.states ?? []
  const from = data.outcome ?? (state === 'dead' ? 'failed' : state)
  const chosen = Object.entries(filterSchema.shape).flatMap(([name, schema]) => {
    const { success: isSo, data: value } = schema.safeParse(data[name])
    return isSo ? [[name, value] as const] : []
  })
  return {
    ...{ id: data.replay, from, done: done.safeParse(after).data ?? null },
    chosen: Object.fromEntries(chosen),
  }
}
