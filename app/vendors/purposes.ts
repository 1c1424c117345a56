/**
 * What a visitor must have allowed before an event goes to a vendor: declared by the vendor's row, and chosen otherwise per
 * shop where consent counts. Never nothing: a row that needs consent keeps needing some.
 */
import { z } from 'zod'
import type { ConsentPurpose, StoreEvent } from '../events/store-event.ts'
import type { EventType } from '../events/types.ts'
import type { Vendor } from './vendor.ts'

/** Purposes as they are chosen, joined by "+". */
export const PURPOSE_CHOICES = ['analytics', 'marketing', 'analytics+marketing'] as const
export type PurposeChoice = (typeof PURPOSE_CHOICES)[number]

const MEANS: Readonly<Record<PurposeChoice, readonly ConsentPurpose[]>> = {
  analytics: ['analytics'],
  marketing: ['marketing'],
  'analytics+marketing': ['analytics', 'marketing'],
}

/** The name of the setting in which a shop's own choices stand, by event type: `{ product_viewed: 'analytics' }`. */
export const PURPOSES = 'purposes'

type Rows = Pick<Vendor<unknown>, 'rows'>

/** The setting of a vendor with these rows. It has room for the rows in which consent counts alone. */
export function purposesSetting(rows: Rows['rows']) {
  return z
    .partialRecord(z.enum(choosable(rows)), z.enum(PURPOSE_CHOICES))
    .default({})
    .meta({
      label: 'Consent',
      help: 'What a visitor must have allowed, by event, where it is to differ from what this tool needs by itself: analytics, marketing or analytics+marketing.',
    })
}

/** The kinds of events in which consent counts, whatever is chosen. */
export function choosable(rows: Rows['rows']): EventType[] {
  return Object.entries(rows).flatMap(([type, { purposes }]) =>
    purposes.length > 0 ? [type as EventType] : [],
  )
}

/** @param settings as parsed or as given: what is no choice counts as none. @returns none where consent does not count */
export function purposesOf(vendor: Rows, settings: unknown, type: EventType): readonly ConsentPurpose[] {
  const declared = vendor.rows[type]?.purposes ?? []
  if (declared.length === 0) return declared
  const { [PURPOSES]: chosen } = (settings ?? {}) as { [PURPOSES]?: Readonly<Record<string, unknown>> | null }
  const choice = chosen?.[type]
  return isChoice(choice) ? MEANS[choice] : declared
}

/**
 * What an event's own consent lacks of what rows of this type need. A storefront event needs a yes to each purpose. A webhook is no
 * visit of a browser: there the visitor's choice may be unknown, but a known refusal counts.
 * @param type of the row whose purposes are asked; a step beside the event's own row may be another's
 */
export function missingPurposes(
  { source, actor }: StoreEvent,
  vendor: Rows,
  settings: unknown,
  type: EventType,
): ConsentPurpose[] {
  const asked = isVisit({ source })
  return purposesOf(vendor, settings, type).filter(purpose => {
    const answer = actor.consent[purpose]
    return asked ? answer !== true : answer === false
  })
}

/** Whether it needs a yes: a visitor's browser told of it, or a merchant did who tests. If not, Shopify did. */
export function isVisit({ source }: { source: string }): boolean {
  return source === 'storefront' || source === 'pixel' || source === 'test'
}

function isChoice(value: unknown): value is PurposeChoice {
  return typeof value === 'string' && Object.hasOwn(MEANS, value)
}

/** These purposes as a choice, in whatever order; null: there are none. */
export function choiceOf(purposes: readonly ConsentPurpose[]): PurposeChoice | null {
  return (
    PURPOSE_CHOICES.find(
      choice =>
        MEANS[choice].length === purposes.length && MEANS[choice].every(each => purposes.includes(each)),
    ) ?? null
  )
}
