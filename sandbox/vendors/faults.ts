/** Failing on command: a queue of faults, each for the next so many requests. */
import { z } from 'zod'
import type { Json } from './contract.ts'

const json: z.ZodType<Json> = z.json()

const shape = z.strictObject({
  /** Answer with this status; without `body`, in the vendor's own error shape. */
  status: z.number().int().min(200).max(599).optional(),
  /** To how many requests it happens. */
  times: z.number().int().positive().default(1),
  /** To which part of the requests that match it happens, by chance; the others go on to the next fault. Unset: to each. */
  rate: z.number().positive().max(1).optional(),
  /** Wait this long first. */
  delayMs: z.number().int().nonnegative().max(600_000).optional(),
  /** Cut the connection (TCP reset) instead of answering. */
  reset: z.boolean().optional(),
  /** Answer with a body that announces JSON and is not. */
  badJson: z.boolean().optional(),
  /** Answer with this body. */
  body: json.optional(),
  /** Add these headers to whatever is answered. */
  headers: z.record(z.string(), z.string()).optional(),
  /** Only requests whose path begins so, and of this method. */
  match: z.strictObject({ path: z.string().optional(), method: z.string().optional() }).optional(),
  /** Never answer; the connection stays open. */
  hang: z.boolean().optional(),
  /**
   * What the vendor knows of the request.
   * `after` (default): the fault comes first; the vendor takes nothing, the inbox shows the failed request.
   * `before`: the vendor takes and records the request, then the fault spoils the answer.
   * `none`: the vendor takes nothing and the inbox shows nothing.
   */
  record: z.enum(['before', 'after', 'none']).default('after'),
})

/** A fault as asked for over HTTP or by a test. */
export const faultSchema = shape.refine(
  fault => fault.delayMs !== undefined || fault.headers !== undefined || spoils(fault),
  'a fault must do something: status, delayMs, reset, badJson, body, headers or hang',
)
export type FaultInput = z.input<typeof faultSchema>
export type Fault = z.output<typeof shape>

/** Whether the fault replaces the vendor's own answer, rather than only delaying or decorating it. */
export function spoils(fault: Omit<Fault, 'times' | 'record'>): boolean {
  return Boolean(
    fault.hang || fault.reset || fault.badJson || fault.status !== undefined || fault.body !== undefined,
  )
}

/** What the inbox says happened to the answer: "status 503, after 200 ms". */
export function describe(fault: Fault): string {
  const what = fault.hang
    ? 'no answer'
    : fault.reset
      ? 'connection reset'
      : [
          fault.status !== undefined && `status ${fault.status}`,
          fault.badJson && 'broken JSON',
          fault.body !== undefined && 'another body',
          fault.headers && `headers ${Object.keys(fault.headers).join(', ')}`,
        ]
          .filter(Boolean)
          .join(', ')
  const when = fault.delayMs === undefined ? '' : `after ${fault.delayMs} ms`
  return [what, when].filter(Boolean).join(', ')
}

/** Faults in the order they were asked for. A request takes the first that matches it. */
export class Faults {
  readonly #random: () => number
  #queue: Fault[] = []

  /** @param random 0 ≤ x < 1, drawn once for each fault with a rate that a request meets */
  constructor(random: () => number = Math.random) {
    this.#random = random
  }

  /** Throws a ZodError when the fault is not one. */
  add(fault: FaultInput): void {
    this.#queue.push(faultSchema.parse(fault))
  }

  take(method: string, path: string): Fault | undefined {
    const fault = this.#queue.find(
      ({ match, rate }) =>
        path.startsWith(match?.path ?? '') &&
        (match?.method ?? method) === method &&
        (rate === undefined || this.#random() < rate),
    )
    if (!fault) return undefined
    fault.times -= 1
    if (fault.times === 0) this.#queue = this.#queue.filter(waiting => waiting !== fault)
    return fault
  }

  waiting(): Fault[] {
    return structuredClone(this.#queue)
  }

  clear(): void {
    this.#queue = []
  }
}
