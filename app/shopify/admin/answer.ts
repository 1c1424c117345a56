/** What an answer of the GraphQL Admin API means. Pure; an answer may hold anything. */
import { z } from 'zod'
import { type AdminFailure, adminFailure, failureOfStatus } from './failure.ts'
import { type AdminAnswer, retryAfterMs } from './http.ts'

export type Meaning<T> =
  /** `denied`: paths of fields that are null because the app may not see them, such as "customer.firstName". */
  | { kind: 'data'; data: T; denied: string[] }
  /** The token is not accepted (any more). */
  | { kind: 'unauthorized' }
  /** Over the limit of the app in this shop, until so many milliseconds from now. */
  | { kind: 'throttled'; waitMs: number }
  | { kind: 'failure'; failure: AdminFailure }

/** Errors are a list in GraphQL's own answers, and a text beside statuses such as 401 and 402. */
const errorSchema = z.object({
  message: z.string().catch(''),
  path: z.array(z.union([z.string(), z.number()])).catch([]),
  extensions: z.object({ code: z.string().catch('') }).catch({ code: '' }),
})
/** https://shopify.dev/docs/apps/build/apis/graphql-admin/rate-limits */
const costSchema = z.object({
  extensions: z.object({
    cost: z.object({
      requestedQueryCost: z.number().nonnegative(),
      throttleStatus: z.object({
        currentlyAvailable: z.number(),
        restoreRate: z.number().positive(),
      }),
    }),
  }),
})
const bodySchema = z.object({
  data: z.unknown().optional(),
  errors: z.array(errorSchema).catch([]),
})

/** Of a throttled answer that does not say what it costs. */
const THROTTLED_MS = 1_000

/** @param schema of `data`; what Shopify may withhold must be nullable in it */
export function meaningOfAnswer<T>(answer: AdminAnswer, schema: z.ZodType<T>): Meaning<T> {
  const { status, headers } = answer
  if (status === 401) return { kind: 'unauthorized' }
  if (status === 429) return { kind: 'throttled', waitMs: retryAfterMs(headers) || THROTTLED_MS }
  const known = failureOfStatus(status, retryAfterMs(headers))
  if (known) return { kind: 'failure', failure: known }
  const body = bodySchema.safeParse(answer.body)
  if (status !== 200 || !body.success) return unreadable(`status ${status}, no GraphQL answer`)
  const { data, errors } = body.data
  const codes = new Set(errors.map(({ extensions }) => extensions.code))
  if (codes.has('THROTTLED')) return { kind: 'throttled', waitMs: waitOf(answer.body) }
  const log = wordsOf(errors)
  if (codes.has('SHOP_INACTIVE')) return failure(adminFailure('frozen', log))
  if (codes.has('INTERNAL_SERVER_ERROR')) return failure(adminFailure('unreachable', log))
  const parsed = schema.safeParse(data)
  const denied = errors.flatMap(({ extensions, path }) =>
    extensions.code === 'ACCESS_DENIED' ? path.join('.') : [],
  )
  // Errors of another kind than "you may not see this" mean that what is there is not what was asked for.
  if (parsed.success && denied.length === errors.length) return { kind: 'data', data: parsed.data, denied }
  if (denied.length > 0) return failure(adminFailure('denied', log))
  return unreadable(log || 'the data has another shape than documented')
}

/** Until what the query costs is there again: `restoreRate` points come back each second. */
function waitOf(body: unknown): number {
  const parsed = costSchema.safeParse(body)
  if (!parsed.success) return THROTTLED_MS
  const { requestedQueryCost, throttleStatus } = parsed.data.extensions.cost
  const missing = requestedQueryCost - throttleStatus.currentlyAvailable
  return Math.max(1, Math.ceil((missing / throttleStatus.restoreRate) * 1000))
}

const failure = (of: AdminFailure): Meaning<never> => ({ kind: 'failure', failure: of })
const unreadable = (log: string): Meaning<never> => failure(adminFailure('unreadable', log))

const WORDS = 300

/** Codes, places and the first words: Shopify's messages name fields and scopes, not values. */
function wordsOf(errors: readonly z.infer<typeof errorSchema>[]): string {
  return errors
    .slice(0, 3)
    .map(({ extensions, path, message }) => `${extensions.code} ${path.join('.')} ${message}`.trim())
    .join('; ')
    .replace(/\p{Cc}/gu, ' ')
    .slice(0, WORDS)
}
