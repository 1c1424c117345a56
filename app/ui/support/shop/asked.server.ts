/** What the pages of one shop are asked, by their addresses and forms. */
import type { AppLoadContext } from '@remix-run/node'
import { z } from 'zod'
import { idIn } from '../../../events/id.ts'
import type { HistoryPlace } from '../../../runtime/support-shop.ts'
import { text } from '../../text.server.ts'
import { MOST_REASON, SAID_MERCHANT_READS } from '../reason.ts'

const NOT_FOUND = () => new Response(null, { status: 404 })

const domainSchema = text.max(255)

type Params = Readonly<Record<string, string | undefined>>
type Support = AppLoadContext['services']['support']

/** @throws Response 404 where there is no shop of the domain that the address names */
export async function shopAsked(
  support: Support,
  staff: Awaited<ReturnType<Support['enter']>>,
  { shop: given }: Params,
) {
  const { data: domain } = domainSchema.safeParse(given)
  const shop = domain === undefined ? null : await support.shop.find(staff, domain)
  if (!shop) throw NOT_FOUND()
  return shop
}

/** @throws Response 404 where the address names no event */
export function eventAsked({ event }: Params): string {
  const id = idIn(event)
  if (id === null) throw NOT_FOUND()
  return id
}

const reason = z.string().trim().min(1).max(MOST_REASON)

/** Null: none was given, or one that is too long. @param field where filters are in the form too, `reason` is one of those */
export function reasonIn(form: FormData, field: 'reason' | 'why' = 'reason'): string | null {
  return reason.safeParse(form.get(field)).data ?? null
}

/** Whether the form said that the merchant reads the reason of a release. */
export function saidMerchantReads(form: FormData): boolean {
  return form.get('merchantReads') === SAID_MERCHANT_READS.merchantReads
}

/** As a field for date and time gives it, without a zone: in UTC. To the minute, or as exactly as the hold says that is replaced. */
const time = z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?$/)

/** @returns null where nothing was given; 'past' for what is no time to come */
export function untilIn(form: FormData, now: Date): Date | null | 'past' {
  const given = form.get('until')
  if (given === null || given === '') return null
  const { data } = time.safeParse(given)
  const until = data === undefined ? null : new Date(`${data}Z`)
  return until && until > now ? until : 'past'
}

const seenSchema = z.object({
  reason: z.string(),
  since: z.iso.datetime(),
  until: z.iso.datetime().nullable(),
})

/** The hold that was shown when somebody chose what becomes of it; null: none was. @throws Response 400 for what no page of ours sends */
export function seenIn(form: FormData): z.output<typeof seenSchema> | null {
  const given = form.get('seen')
  if (typeof given !== 'string' || given === '') return null
  try {
    return seenSchema.parse(JSON.parse(given))
  } catch {
    throw new Response(null, { status: 400 })
  }
}

const vendor = z.string().regex(/^\w{1,50}$/)

/** @throws Response 400 for what no page of ours sends */
export function vendorIn(given: FormData | URLSearchParams): string {
  const { success, data } = vendor.safeParse(given.get('vendor'))
  if (!success) throw new Response(null, { status: 400 })
  return data
}

const changeSchema = z.string().regex(/^\d{1,18}$/)
const alertSchema = z.object({ at: z.iso.datetime(), key: z.string().regex(/^\w{1,40}$/) })

/** Null: the newest. */
export function placeIn(params: URLSearchParams): HistoryPlace | null {
  const change = changeSchema.safeParse(params.get('change')).data ?? null
  const alert = alertSchema.safeParse(Object.fromEntries(params)).data ?? null
  return change || alert ? { change, alert } : null
}
