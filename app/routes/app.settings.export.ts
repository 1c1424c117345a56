import type { LoaderFunctionArgs } from '@remix-run/node'
import { z } from 'zod'
import { exportWords, SEPARATORS } from '../runtime/merchant-settings.ts'
import { languageAsked } from '../ui/languages.ts'
import { TEXTS } from '../ui/texts.server.ts'

const askedSchema = z.object({
  since: z.iso.date(),
  until: z.iso.date(),
  after: z.uuid().optional(),
  /** Of a table's cells; none: lines of JSON. */
  separator: z.enum(SEPARATORS).optional(),
})

/** A page of a period's events, whole days of the shop; the headers say how many they are, how far they reach and where to go on. */
export async function loader({ request, context }: LoaderFunctionArgs) {
  const { merchant } = context.services
  const shop = await merchant.enter(request)
  const asked = askedSchema.safeParse(Object.fromEntries(new URL(request.url).searchParams))
  if (!asked.success) throw new Response(null, { status: 400 })
  const { since, until, after = null, separator = null } = asked.data
  const days = { from: since, to: until }
  const language = languageAsked(request, shop.language)
  const table = separator && {
    separator,
    words: exportWords(TEXTS[language], merchant.sayings(language)),
  }
  const { file, count, next, part } = await merchant.settings.export(shop, days, after, table)
  return new Response(file, {
    headers: {
      // A table is stored as it is read: spreadsheets open no compressed ones.
      ...(separator
        ? { 'content-type': 'text/csv; charset=utf-8', 'content-encoding': 'gzip' }
        : { 'content-type': 'application/gzip' }),
      'cache-control': 'no-store',
      'x-sluice-count': String(count),
      'x-sluice-part': String(part),
      ...(next !== null && { 'x-sluice-next': next }),
    },
  })
}
