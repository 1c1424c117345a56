/** The rules that Ecomail documents for a request's body, for the conformance suite. */
import { z } from 'zod'
import type { VendorRequest } from '../vendor.ts'
import { encodedLength } from './product.ts'

const number = z.number().finite().optional()
const eventSchema = z.strictObject({
  event: z.strictObject({
    email: z.string().min(1),
    category: z.string().optional(),
    action: z.string().optional(),
    label: z.string().optional(),
    property: z.string().optional(),
    value: z
      .union([z.string().max(20_000), z.record(z.string(), z.json())])
      .refine(
        value => typeof value === 'string' || encodedLength(value) <= 20_000,
        'is over 20,000 characters',
      )
      .optional(),
  }),
})
const transactionSchema = z.strictObject({
  transaction: z.strictObject({
    order_id: z.string().min(1),
    email: z.string().min(1),
    shop: z.string().min(1),
    amount: z.number().finite(),
    tax: number,
    shipping: number,
    city: z.string().optional(),
    county: z.string().optional(),
    country: z.string().optional(),
    timestamp: z.int().max(1e11).optional(),
    status: z.enum(['processing', 'canceled', 'pending', 'completed']).nullable(),
  }),
  transaction_items: z
    .array(
      z.strictObject({
        code: z.string().min(1),
        title: z.string().min(1),
        category: z.string().max(100).optional(),
        categories: z.array(z.string().max(100)).max(20).optional(),
        price: z.number().finite(),
        amount: z.int().nonnegative(),
        tags: z.array(z.string()).optional(),
      }),
    )
    .min(1),
})
const subscribeSchema = z.object({
  subscriber_data: z.object({ email: z.string().min(1), status: z.literal([1, 2]) }),
  skip_confirmation: z.literal(true),
})
const RULES: readonly [RegExp, z.ZodType][] = [
  [/^\/tracker\/events$/, eventSchema],
  [/^\/tracker\/transaction(\/[^/]+)?$/, transactionSchema],
  [/^\/lists\/\d+\/subscribe$/, subscribeSchema],
  [/^\/lists\/\d+\/unsubscribe$/, z.strictObject({ email: z.string().min(1) })],
]

/** The rules that the request breaks; empty when it keeps all. */
export function check({ url, headers, body }: VendorRequest): string[] {
  const { origin, pathname } = new URL(url)
  const rule = RULES.find(([path]) => path.test(pathname))?.[1]
  if (origin !== 'https://api2.ecomailapp.cz' || !rule) return [`${url} is not documented`]
  const faults = rule
    .safeParse(body)
    .error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  return [...(headers.key ? [] : ['the key is missing']), ...(faults ?? [])]
}
