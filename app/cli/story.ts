/** An event's story as text. */
import { SLUICE } from '../command-line.ts'
import type { AttemptStory, CheckoutStory, DeliveryStory } from '../insights/explain.ts'
import type { Late } from '../insights/late.ts'
import type { Stopped } from '../insights/stopped.ts'
import type { Explained, Identity } from '../runtime/explained.ts'
import type { Needed } from '../runtime/needed.ts'
import { supportWords } from '../ui/vendor-words.ts'
import { isVisit } from '../vendors/purposes.ts'

export function tell(story: Explained): string {
  const deliveries = story.deliveries.flatMap(delivery =>
    tellDelivery(delivery, tellNeeds(story, delivery.vendor)),
  )
  return [...tellEvent(story), '', ...deliveries, ...tellNotWanted(story)].join('\n')
}

function tellEvent({ event, pixelVisitor, receipt, unread, identity, checkout }: Explained): string[] {
  const { actor } = event
  const who = [
    actor.customerId && `customer ${actor.customerId}`,
    actor.email,
    actor.visitorId && `visitor ${actor.visitorId}`,
    pixelVisitor && `visitor ${pixelVisitor} (from the checkout's pixel)`,
  ].filter(part => part)
  const consent = (['analytics', 'marketing'] as const).map(
    purpose => `${purpose} ${answer(actor.consent[purpose])}`,
  )
  return [
    `${event.type}  ${event.id}`,
    `  happened   ${event.occurredAt}`,
    `  received   ${event.receivedAt}  by ${event.source}`,
    ...(unread ? [`  unread     ${unread.from.toISOString()} until ${unread.until.toISOString()}`] : []),
    ...(receipt ? [`  webhook    ${receipt.topic}  ${receipt.webhookId}`] : []),
    ...(event.subject ? [`  state of   ${event.subject}${event.version ? ` at ${event.version}` : ''}`] : []),
    `  who        ${who.join(', ') || 'nobody known'}`,
    ...tellIdentity(identity),
    `  consent    ${consent.join(', ')}; accepts e-mail marketing: ${answer(actor.acceptsMarketing)}`,
    ...(checkout ? [`  checkout   ${tellCheckout(checkout)}`] : []),
    `  data       ${JSON.stringify(event.data)}`,
  ]
}

/** Whom it is taken for, by what is known now. */
function tellIdentity(identity: Identity): string[] {
  if (identity.kind === 'shared')
    return ['  resolved   nobody: several people have used this browser, or somebody whose data was erased']
  if (identity.kind === 'unreadable')
    return [
      '  resolved   unknown: what is kept of the person does not unseal; this process lacks the key, or it was changed',
    ]
  if (identity.kind === 'nobody')
    return identity.browser ? ['  resolved   nobody: it is not known yet who uses this browser'] : []
  const { customerId, email, phone, acceptsMarketing, by, since, later } = identity
  const who = [customerId && `customer ${customerId}`, email, phone].filter(part => part).join(', ')
  const from = since === null ? '' : `, known since ${since} at the latest`
  return [
    `  resolved   ${who}  (as known now, by ${NAMED_BY[by]}${from}); accepts e-mail marketing: ${answer(acceptsMarketing)}`,
    ...(later ? ['             what was sent before that may have gone out without it'] : []),
  ]
}

const NAMED_BY = {
  event: 'the event itself',
  order: 'the order it belongs to',
  session: 'signing in in this browser',
  checkout: 'a checkout or order made in this browser',
} as const

/** What the vendor needs a visitor to have allowed. */
function tellNeeds({ needs, event }: Explained, vendor: string): string[] {
  const needed = needs[vendor]
  if (!needed) return []
  if (needed.length === 0) return ["  needs      no visitor's consent"]
  const rule = isVisit(event) ? 'a visit needs a yes' : "Shopify's notice goes out unless refused"
  const isAllowed = needed.every(({ stands }) => stands === 'allowed')
  return [`  needs      ${needed.map(tellNeeded).join(', ')}${isAllowed ? '' : `: ${rule}`}`]
}

const STANDS = { unanswered: 'not answered', unknown: 'not known' } as const

function tellNeeded({ purpose, stands, at }: Needed): string {
  if (at !== null) return `${purpose} (withdrawn since, last at ${at})`
  return `${purpose} (${STANDS[stands as keyof typeof STANDS] ?? stands})`
}

function tellLate({ ms, mayWaitFor }: Late): string {
  const other = mayWaitFor === null ? '' : ` its ${mayWaitFor},`
  return `  late       first tried ${Math.floor(ms / 1000)} s after it was taken up: it waited for${other} its turn, or the end of a pause`
}

function tellCheckout({ dueAt, orderedAt, abandonedAt }: CheckoutStory): string {
  const ordered = orderedAt && `ordered at ${orderedAt.toISOString()}`
  const abandoned = abandonedAt && `found abandoned at ${abandonedAt.toISOString()}`
  const waits = dueAt && `counts as abandoned at ${dueAt.toISOString()} if nothing happens until then`
  return (
    [abandoned, ordered, waits].filter(part => part).join(', ') || 'does not wait: empty, or nobody to reach'
  )
}

function tellDelivery(delivery: DeliveryStory, needs: readonly string[]): string[] {
  const said = vendorsSaid(delivery)
  const why = said ? `: ${said}` : ''
  const next = delivery.next === null ? [] : [`  next       ${delivery.next}`]
  return [
    `${delivery.vendor}  ${delivery.state}${why}`,
    ...needs,
    ...delivery.stopped.map(each => tellStopped(each)),
    ...(delivery.late ? [tellLate(delivery.late)] : []),
    ...tellHold(delivery),
    ...delivery.attempts.flatMap((attempt, place) => [
      ...tellAgain(delivery, place),
      ...tellAttempt(attempt),
    ]),
    ...tellAgain(delivery, delivery.attempts.length),
    ...next,
    ...(delivery.sentInstead ? [`  instead    ${delivery.sentInstead}`] : []),
    ...(delivery.waitsUntil ? [`  until      ${delivery.waitsUntil.toISOString()}`] : []),
    '',
  ]
}

/** What is kept with a delivery, which is written for merchants, in an operator's words; what a person gave as a hold's reason as it is. */
export function vendorsSaid({ reason, message }: Pick<DeliveryStory, 'reason' | 'message'>): string {
  return reason === 'on_hold' ? (message ?? '') : supportWords(message ?? '')
}

/** What support holds, and what ends that. */
function tellHold({ hold, heldSince, vendor, lane, stops }: DeliveryStory): string[] {
  if (!hold) return []
  const before = stops.filter(stop => stop.from < hold.since)
  const { since: from, until, reason: message, by } = hold
  const end = until === null ? '' : ` at ${until.toISOString()}, or`
  const besides = [
    ...(lane?.enabled === false ? ['; and it is off: once it is switched on as well'] : []),
    ...(lane?.attention ? ['; and it needs attention: once that is mended as well'] : []),
  ].join('')
  return [
    ...before.map(each => tellStopped(each)),
    ...(heldSince ? [`  waits      ${heldSince.toISOString()}: since then this event`] : []),
    tellStopped({ kind: 'hold', from, until, message, by: by ?? 'support' }, 'lane held'),
    `  next       it goes out when the hold ends:${end} when somebody releases it ("${SLUICE} vendor release SHOP ${vendor}")${besides}; what the shop finds too old by then is left out`,
  ]
}

const STOPPED = { hold: 'on hold', off: 'off', attention: 'stopped' } as const

/** @param said the lane may be stopped since before the event was there: then what it is said to be */
function tellStopped({ kind, from, until, message, by }: Stopped, said: string = STOPPED[kind]): string {
  const why = kind === 'hold' ? message : message && supportWords(message)
  const who = by === null ? '' : ` by ${by}`
  const end = until === null ? '' : ` until ${until.toISOString()}`
  return `  ${said.padEnd(9)}  ${from.toISOString()}${end}${who}${why ? `: ${why}` : ''}`
}

const SENDERS = { shop: 'the merchant', staff: 'support' } as const

/** When it was sent again after so many attempts. */
function tellAgain({ again }: DeliveryStory, attempts: number): string[] {
  const after = again.filter(({ before }) => before === attempts)
  return after.map(({ at, sentBy, by, reason, alone }) => {
    const who = by ?? (sentBy && SENDERS[sentBy])
    const others = alone === false ? ', with others that a filter had found' : ''
    const why = reason === null ? '' : `: ${reason}`
    return `  again      ${at?.toISOString() ?? 'time not known'}${who ? ` by ${who}` : ''}${others}${why}`
  })
}

function tellAttempt(attempt: AttemptStory): string[] {
  const request = attempt.request as { method?: string; url?: string; body?: unknown }
  const response = attempt.response
  return [
    `  attempt ${attempt.number}  ${attempt.startedAt.toISOString()}  ${attempt.step}: ${attempt.outcome} (${attempt.durationMs} ms)`,
    `    sent     ${request.method} ${request.url}`,
    ...(request.body === null || request.body === undefined
      ? []
      : [`             ${JSON.stringify(request.body)}`]),
    `    answer   ${response ? `${response.status} ${JSON.stringify(response.body)}` : `none: ${attempt.error}`}`,
    ...(attempt.log ? [`    meaning  ${attempt.log}`] : []),
  ]
}

function tellNotWanted({ notWanted }: Explained): string[] {
  return notWanted.map(
    vendor => `${vendor}  not sent: it has no use for this event, or the row is not switched on`,
  )
}

function answer(value: boolean | null): string {
  return value === null ? 'not known' : value ? 'yes' : 'no'
}
