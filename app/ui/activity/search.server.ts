/** What an address of the activity's pages asks for. What does not make sense is left out: the page then shows more, not an error. */
import { z } from 'zod'
import { EVENT_TYPES, type EventType } from '../../events/types.ts'
import type {
  ActivityPage,
  ActivitySearch,
  AskedPage,
  Chosen,
  Place,
  ReplayPlace,
} from '../../runtime/merchant-activity.ts'
import type { SkipReason } from '../../vendors/reasons.ts'
import { text } from '../text.server.ts'
import { LATELY, OUTCOMES, type SearchTexts } from './words.ts'

/** What a person typed; nothing of it counts as not said. */
const typed = text
  .trim()
  .max(100)
  .transform(given => given || undefined)
  .optional()
  .catch(undefined)
const word = z
  .string()
  .regex(/^\w{1,50}$/)
  .optional()
  .catch(undefined)
/** A day, a minute of the shop's clock, as fields give it, or a moment. */
const minute = z.iso.datetime({ local: true, precision: -1 })
const time = z.union([z.iso.date(), z.iso.datetime(), minute]).optional().catch(undefined)
const id = z.uuid().optional().catch(undefined)

const searchSchema = z.object({
  type: z.enum(EVENT_TYPES).optional().catch(undefined),
  vendor: word,
  outcome: z.enum(OUTCOMES).optional().catch(undefined),
  reason: word,
  /** Beside the reason that an order was left to a newer state: what that came to. At each tool it is another one, so without a tool nothing is found. */
  newer: word,
  /** Beside an outcome that is open: only what had not arrived before. */
  undelivered: z.literal('on').optional().catch(undefined),
  /** What was sent again together. */
  replay: id,
  lately: z.enum(LATELY).optional().catch(undefined),
  // A day's first minute, or its last, is said by the day.
  since: time.transform(since => since?.replace(/T00:00$/, '')),
  until: time.transform(until => until?.replace(/T23:59$/, '')),
  order: typed,
  /** Beside the type that an order was placed: a moment, at which it was or later. */
  placed: z.iso.datetime().optional().catch(undefined),
  /** Marks of an e-mail address, and behind a tilde who that is, masked and sealed: it stands in no page's address itself. */
  person: z
    .string()
    .regex(/^[\w.,=-]{1,1000}(~[\w.-]{1,500})?$/)
    .optional()
    .catch(undefined),
})
const placeSchema = z.object({ before: id, after: id })

/** `who`: of a person that is asked for, as `page` takes it. */
export type Asked = {
  search: ActivitySearch
  texts: SearchTexts
  place: Place | null
  who: string | null
  /** Names of what makes no sense, and is not asked for. */
  leftOut: string[]
}

const OPEN = ['waiting', 'to_send', 'for_visitor', 'held'] as const
const LEFT: SkipReason = 'superseded'
const PLACED: EventType = 'order_created'

function textsIn(given: unknown): Partial<z.infer<typeof searchSchema>> {
  const { undelivered, newer, placed, since, until, ...texts } = searchSchema.parse(given)
  return {
    ...texts,
    ...(!texts.lately && { since, until }),
    ...(undelivered && OPEN.some(open => open === texts.outcome) && { undelivered }),
    ...(newer && texts.reason === LEFT && { newer }),
    ...(placed && texts.type === PLACED && { placed }),
  }
}

function leftOutOf(given: Readonly<Record<string, unknown>>, isNoVendor: boolean): string[] {
  const read: Readonly<Record<string, unknown>> = {
    ...searchSchema.parse(given),
    ...(isNoVendor && { vendor: undefined }),
  }
  const isSaid = (value: unknown) => typeof value === 'string' && value.trim() !== ''
  return Object.keys(searchSchema.shape).filter(name => isSaid(given[name]) && read[name] === undefined)
}

/** Before which replay a page of them begins; null: with the newest. */
export const placeBy = (params: URLSearchParams): string | null =>
  placeSchema.parse(Object.fromEntries(params)).before ?? null

/**
 * Of a page's address or of a form.
 * @param vendors those that there are; not given: any is asked for, so that what is sent again is never more than was asked for
 */
export function askedBy(params: URLSearchParams | FormData, vendors?: readonly { id: string }[]): Asked {
  const given = Object.fromEntries(params)
  const { before, after } = placeSchema.parse(given)
  const all = textsIn(given)
  const { vendor, ...others } = all
  const isNone = vendor !== undefined && vendors?.every(({ id }) => id !== vendor) === true
  const texts = isNone ? others : all
  const { person, undelivered, placed, replay, ...rest } = texts
  const [marks, who = null] = person?.split('~') ?? []
  return {
    search: {
      ...rest,
      ...(marks && { marks: marks.split(',') }),
      ...(undelivered && { undelivered: true }),
      ...(placed && { placed: new Date(placed) }),
      ...(replay && { replayId: replay }),
    },
    texts,
    place: before ? { before } : after ? { after } : null,
    who,
    leftOut: leftOutOf(given, isNone),
  }
}

/** A page of a list as its loader gives it. How old something is, is reckoned here: the browser's clock may be another. */
export function shownPage({ texts, place, leftOut }: Asked, page: AskedPage, now = new Date()) {
  return {
    ...{ texts, leftOut, types: EVENT_TYPES, first: place === null },
    ...page,
    lines: page.lines.map(({ deliveries, ...line }) => ({
      ...{ ...line, receivedAt: line.receivedAt.toISOString() },
      deliveries: deliveries.map(({ since, ...delivery }) => ({
        ...delivery,
        minutes: since && minutesBetween(since, now),
      })),
    })),
    lookedBackTo: page.lookedBackTo?.toISOString() ?? null,
  }
}

/**
 * Whether nothing was received of the order that is asked for, whatever else is asked for beside it.
 * @param look finds a shop's events
 */
export async function isNoOrder(
  { search: { order } }: Asked,
  page: Pick<ActivityPage, 'lines'>,
  look: (search: ActivitySearch) => Promise<Pick<ActivityPage, 'lines'>>,
): Promise<boolean> {
  return order !== undefined && page.lines.length === 0 && (await look({ order })).lines.length === 0
}

const minutesBetween = (since: Date, now: Date) =>
  Math.max(0, Math.floor((now.getTime() - since.getTime()) / 60_000))

/** Whether it is asked for what is of one person: by an e-mail address, or by its marks. */
export const asksForPerson = (params: URLSearchParams | FormData): boolean =>
  Boolean(params.get('person') || emailIn(params))

const emailIn = (params: URLSearchParams | FormData) => typed.parse(params.get('email') ?? undefined)

/** The address of a page that asks for this. @param at the list's own @param markOf what stands for an e-mail address */
export async function addressOf(
  at: string,
  form: FormData,
  markOf: (email: string) => string | Promise<string>,
): Promise<string> {
  const { texts } = askedBy(form)
  const email = emailIn(form)
  const person = email && (await markOf(email))
  const params = new URLSearchParams()
  for (const [name, value] of Object.entries({ ...texts, ...(person && { person }) }))
    if (value) params.set(name, value)
  return params.size > 0 ? `${at}?${params}` : at
}

const chosenSchema = z.object({
  which: z.enum(['delivered', 'skipped', 'failed']),
  partly: z.literal('on').optional().catch(undefined),
})

/** @throws Response (400) for what no form of ours sends */
export function chosenBy(form: FormData): Chosen {
  const { which, partly } = sent(chosenSchema, form)
  const { reason, newer, outcome, undelivered: _, ...search } = askedBy(form).search
  return {
    ...search,
    // A reason belongs to the outcome that was listed.
    ...(reason && outcome === which && { reason, ...(newer && { newer }) }),
    outcome: which,
    partlyRejected: partly !== undefined || reason === 'partly_rejected',
  }
}

const stepSchema = z.object({
  /** Neither: the first step. */
  lane: z.string().max(50).optional(),
  from: z.uuid().optional(),
  past: z.uuid().optional(),
  /** `replay` is what the list is asked for. */
  id: z.uuid(),
  at: z
    .string()
    .max(40)
    .transform(text => new Date(text))
    .refine(time => !Number.isNaN(time.getTime())),
})

/** @throws Response (400) for what no form of ours sends */
export function stepBy(form: FormData): ReplayPlace {
  const { lane, at, from, past, id } = sent(stepSchema, form)
  const place = { ...(lane && { vendor: lane }), ...(from && { from }), ...(past && { past }) }
  return { id, before: at.toISOString(), ...place }
}

/** Which replay's deliveries are asked for. @throws Response (400) for what no form of ours sends */
export const replayBy = (form: FormData): string => sent(z.object({ replay: z.uuid() }), form).replay

function sent<T>(schema: z.ZodType<T>, form: FormData): T {
  const { success, data } = schema.safeParse(Object.fromEntries(form))
  if (!success) throw new Response(null, { status: 400 })
  return data
}
