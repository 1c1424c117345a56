/** A preview for people: what a vendor would be sent of an event, what is left out of it, and why. Masked. Pure. */
import type { Deciding } from '../delivery/decide.ts'
import type { Outcome } from '../delivery/outcome.ts'
import { type Made, madeOf, madeOnceLearned } from '../delivery/preview.ts'
import { type MaskedRequest, shownRequest } from '../delivery/record-rows.ts'
import { rebased } from '../delivery/send.ts'
import { sampleOf } from '../events/samples.ts'
import type { StoreEvent } from '../events/store-event.ts'
import type { EventType } from '../events/types.ts'
import { hideSecrets } from '../privacy/mask.ts'
import type { ShopFacts } from '../vendors/vendor.ts'
import { withShortLists } from './field-paths.ts'
import { type Traced, tracesOf } from './field-trace.ts'
import { settingsVariants } from './settings-variants.ts'

export type ShownRequest = Omit<MaskedRequest, 'body'> & { step: string; body: string | null }

/** What is sent, or why nothing is. */
export type ShownMade = { kind: 'sent'; requests: ShownRequest[] } | Exclude<Made, { kind: 'sent' }>

export type ShownPreview = {
  made: ShownMade
  /** What is sent once the vendor has answered so. */
  otherwise: { fact: string; made: ShownMade }[]
  /** None when nothing is sent. */
  fields: Traced[]
}

export type PreviewOptions = {
  /** Values to hide wherever they stand. */
  secrets: readonly string[]
  /** An invented person's fields need no mask. */
  invented: boolean
  baseUrl: string | undefined
  /** Why it is not sent, before it is planned; null: it is planned. */
  ended: Outcome | null
}

/** @param event filled in as for a delivery */
export function previewOf(event: StoreEvent, deciding: Deciding, options: PreviewOptions): ShownPreview {
  const { ended } = options
  const made = madeOf(event, deciding)
  if (made.kind !== 'unwanted' && ended?.state === 'skipped') {
    const { reason, message } = ended
    return { made: { kind: 'skipped', reason, message }, otherwise: [], fields: [] }
  }
  return {
    made: shown(made, options),
    otherwise: madeOnceLearned(event, deciding).map(({ fact, made }) => ({
      fact,
      made: shown(made, options),
    })),
    fields: made.kind === 'sent' ? fieldsSent(event, deciding) : [],
  }
}

/** Where each of the event's fields goes. Of each list the first things are looked at. */
export function fieldsSent(event: StoreEvent, deciding: Deciding): Traced[] {
  const { vendor, settings, shop } = deciding
  const given = settings as Record<string, unknown>
  const invented = (type: EventType) => sampleFor(type, settings, shop, new Date(event.occurredAt))
  const fillers = [event.type, ...FULLEST].map(invented)
  return tracesOf(withShortLists(event), {
    plan: other => madeOf(other, deciding),
    variants: settingsVariants(vendor, given, wordsOf(invented(event.type))).map(
      ({ settings: varied, ...by }) => ({
        ...by,
        plan: other => madeOf(other, { ...deciding, settings: varied }),
      }),
    ),
    fillers,
  })
}

/** Between them they know everything that an order can have. */
const FULLEST = ['order_refunded', 'order_cancelled', 'order_fulfilled'] as const

/** What a setting may name that the event has: attributes, discount codes, metafields. */
function wordsOf({ actor, data }: StoreEvent): string[] {
  const names = Object.keys(actor.attributes)
  const text = JSON.stringify(data)
  const codes = /"discountCodes":\["([^"]+)"/.exec(text)?.[1]
  const metafield = /"metafields":\{"([^"]+)"/.exec(text)?.[1]
  return [...names, codes, metafield].filter(word => word !== undefined)
}

/** An invented event of the shop, with what the settings ask for. */
export function sampleFor(
  type: EventType,
  settings: unknown,
  { currency, storefrontUrl }: ShopFacts,
  now: Date,
): StoreEvent {
  const { productMetafield } = settings as { productMetafield?: unknown }
  return sampleOf(type, {
    at: now.toISOString(),
    currency: currency ?? 'EUR',
    storefrontUrl,
    metafields: typeof productMetafield === 'string' ? [productMetafield] : [],
  })
}

function shown(made: Made, { secrets, invented, baseUrl }: PreviewOptions): ShownMade {
  if (made.kind !== 'sent') return made
  const requests = made.steps.map(planned => {
    const request = { ...planned.request, url: rebased(planned.request.url, baseUrl) }
    const masked = shownRequest({ ...planned, request }, secrets)
    const open = invented ? (request.body ?? null) : masked.body
    const url = invented ? hideSecrets(request.url, secrets) : masked.url
    const body = open === null ? null : hideSecrets(JSON.stringify(open, null, 2), secrets)
    return { ...masked, url, step: planned.name, body }
  })
  return { kind: 'sent', requests }
}
