/**
 * Ecomail's `POST /tracker/events` (https://docs.ecomail.cz/api-reference/tracker/create-event) and the form
 * of a basket event in it (https://support.ecomail.app, article 5242341).
 */
import { z } from 'zod'
import type { Answer, Call, Route } from './contract.ts'
import { invalid, message } from './ecomail-answers.ts'
import type { EcomailContacts } from './ecomail-contacts.ts'
import { check, dotted, emailAddress, type Problem } from './validation.ts'

/** "max 20,000 characters after encoding" */
const VALUE_LIMIT = 20_000

const text = z.string().optional()
/** Strings stay as they are; objects and arrays are JSON-encoded "on our side". */
const encode = (value: string | object): string => (typeof value === 'string' ? value : JSON.stringify(value))

const eventSchema = z.strictObject({
  event: z.strictObject({
    email: emailAddress,
    category: text,
    action: text,
    label: text,
    property: text,
    value: z
      .union(
        [z.string(), z.record(z.string(), z.json()), z.array(z.json())],
        'must be a string, an object or an array',
      )
      .refine(
        value => encode(value).length <= VALUE_LIMIT,
        `may have ${VALUE_LIMIT} characters after encoding`,
      )
      .optional(),
  }),
})
type EventFields = z.output<typeof eventSchema>['event']

const basketSchema = z.strictObject({
  data: z.strictObject({
    data: z.strictObject({
      action: z.literal('Basket'),
      products: z.array(
        z.strictObject({
          productId: z.union([z.string(), z.number()], 'must be a string or a number').optional(),
          img_url: text,
          url: text,
          name: text,
          price: z.number().optional(),
          description: text,
        }),
      ),
    }),
  }),
})

export function eventRoute(contacts: EcomailContacts, unknownContacts: 'accept' | 'refuse'): Route {
  let lastId = 1233
  return {
    method: 'POST',
    path: '/tracker/events',
    handle(call: Call): Answer {
      const checked = check(eventSchema, call.body)
      if (!checked.ok) return invalid(checked.problems, checked.warnings)
      const { event } = checked.value
      const basket = checkBasket(event)
      const warnings = [...checked.warnings, ...basket.warnings]
      if (basket.problems.length > 0) return invalid(basket.problems, warnings)
      if (!contacts.find(event.email)) {
        // Documented: "The subscriber must already exist in your contact list." The 404 is the sandbox's choice.
        if (unknownContacts === 'refuse') return { ...message(404, 'Subscriber not found'), warnings }
        warnings.push('event.email is in no list: the documentation says the subscriber must already exist')
      }
      lastId += 1
      const { email, category = null, action = null, label = null, property = null, value } = event
      const echo = {
        id: lastId,
        email,
        category,
        action,
        label,
        property,
        value: value === undefined ? null : encode(value),
      }
      return { status: 200, body: echo, taken: 1, warnings }
    },
  }
}

/**
 * "category must be ue, action and label must be Basket, value must be the escaped JSON" with `data` in `data`.
 * Events that are no basket pass.
 */
function checkBasket(event: EventFields): { problems: Problem[]; warnings: string[] } {
  if (event.category !== 'ue' && event.action !== 'Basket') return { problems: [], warnings: [] }
  const problems: Problem[] = []
  const must = { category: 'ue', action: 'Basket', label: 'Basket' } as const
  for (const [field, wanted] of Object.entries(must)) {
    if (event[field as keyof typeof must] === wanted) continue
    problems.push({
      path: ['event', field],
      message: `must be "${wanted}" in a basket event`,
      missing: false,
    })
  }
  const { value } = event
  const inside = typeof value === 'string' ? parse(value) : undefined
  if (inside === undefined) {
    const text = 'must be the basket as a JSON string in a basket event'
    return {
      problems: [...problems, { path: ['event', 'value'], message: text, missing: false }],
      warnings: [],
    }
  }
  const checked = check(basketSchema, inside)
  const warnings = checked.warnings.map(warning => `event.value: ${warning}`)
  if (checked.ok) return { problems, warnings }
  for (const problem of checked.problems) {
    const at = dotted(problem.path)
    problems.push({ ...problem, path: ['event', 'value'], message: `${at || 'the JSON'} ${problem.message}` })
  }
  return { problems, warnings }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
