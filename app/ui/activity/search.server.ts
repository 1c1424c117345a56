/** What an address of the activity's pages asks for. What does not make sense is left out: the page then shows more, not an error. */
import { z } from 'zod'
import { EVENT_TYPES } from '../../events/types.ts'
import type { ActivitySearch, Chosen, Place, ReplayPlace } from '../../runtime/merchant-activity.ts'
import type { SearchTexts } from './words.ts'

const OUTCOMES = ['delivered', 'skipped', 'waiting', 'held', 'failed', 'none'] as const
const DAY_MS = 24 * 3600_000
/** What a person typed; nothing of it counts as not said. */
const typed = z
  .string()
  .trim()
  .max(100)
  .transform(text => text || undefined)
  .optional()
  .catch(undefined)
const word = z
  .string()
  .regex(/^\w{1,50}$/)
  .optional()
  .catch(undefined)
/** A day, as date fields give it, or a time. */
const time = z.union([z.iso.date(), z.iso.datetime()]).optional().catch(undefined)
const id = z.uuid().optional().catch(undefined)

const searchSchema = z.object({
  type: z.enum(EVENT_TYPES).optional().catch(undefined),
  vendor: word,
  outcome: z.enum(OUTCOMES).optional().catch(undefined),
  reason: word,
  since: time,
  until: time,
  order: typed,
  /** Marks of an address, which itself stands in no page's address. */
  person: z
    .string()
    .regex(/^[\w.,=-]{1,1000}$/)
    .optional()
    .catch(undefined),
})
const placeSchema = z.object({ before: id, after: id })

export type Asked = { search: ActivitySearch; texts: SearchTexts; place: Place | null }

/** Of a page's address or of a form. */
export function askedBy(params: URLSearchParams | FormData): Asked {
  const given = Object.fromEntries(params)
  const { before, after } = placeSchema.parse(given)
  const texts = searchSchema.parse(given)
  const { since, until, person, ...rest } = texts
  return {
    search: {
      ...rest,
      ...(since && { since: new Date(since) }),
      ...(until && { until: endOf(until) }),
      ...(person && { marks: person.split(',') }),
    },
    texts,
    place: before ? { before } : after ? { after } : null,
  }
}

/** A day that is named is one of those asked for. */
function endOf(until: string): Date {
  const at = new Date(until)
  return until.includes('T') ? at : new Date(at.getTime() + DAY_MS)
}

/** The address of a page that asks for this. @param email as it was typed, if it was @param markOf what stands for an address */
export function addressOf(form: FormData, markOf: (email: string) => string): string {
  const { texts } = askedBy(form)
  const email = typed.parse(form.get('email') ?? undefined)
  const params = new URLSearchParams()
  for (const [name, value] of Object.entries({ ...texts, ...(email && { person: markOf(email) }) }))
    if (value) params.set(name, value)
  return params.size > 0 ? `/app/activity?${params}` : '/app/activity'
}

const chosenSchema = z.object({
  which: z.enum(['delivered', 'skipped', 'failed']),
  partly: z.literal('on').optional().catch(undefined),
})

/** @throws Response (400) for what no form of ours sends */
export function chosenBy(form: FormData): Chosen {
  const { which, partly } = sent(chosenSchema, form)
  const { reason, outcome, ...search } = askedBy(form).search
  return {
    ...search,
    // A reason belongs to the outcome that was listed.
    ...(reason && outcome === which && { reason }),
    outcome: which,
    partlyRejected: partly !== undefined || reason === 'partly_rejected',
  }
}

const stepSchema = z.object({
  lane: z.string().max(50),
  from: z.uuid(),
  at: z
    .string()
    .max(40)
    .transform(text => new Date(text))
    .refine(time => !Number.isNaN(time.getTime())),
})

/** Null: the first step. @throws Response (400) for what no form of ours sends */
export function stepBy(form: FormData): ReplayPlace | null {
  if (!form.get('from')) return null
  const { lane, from, at } = sent(stepSchema, form)
  return { vendor: lane, from, before: at.toISOString() }
}

function sent<T>(schema: z.ZodType<T>, form: FormData): T {
  const { success, data } = schema.safeParse(Object.fromEntries(form))
  if (!success) throw new Response(null, { status: 400 })
  return data
}
