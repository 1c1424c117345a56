import type { LoaderFunctionArgs } from '@remix-run/node'
import { z } from 'zod'

const DAY_MS = 24 * 3600_000
const askedSchema = z.object({ since: z.iso.date(), until: z.iso.date(), after: z.uuid().optional() })

/** A page of a period's events, whole days in UTC; the headers say how many they are, how far they reach and where to go on. */
export async function loader({ request, context }: LoaderFunctionArgs) {
  const { merchant } = context.services
  const shop = await merchant.enter(request)
  const asked = askedSchema.safeParse(Object.fromEntries(new URL(request.url).searchParams))
  if (!asked.success) throw new Response(null, { status: 400 })
  const { since, until, after = null } = asked.data
  const period = { since: new Date(since), until: new Date(Date.parse(until) + DAY_MS) }
  const { file, count, next, part } = await merchant.settings.export(shop, period, after)
  return new Response(file, {
    headers: {
      'content-type': 'application/gzip',
      'cache-control': 'no-store',
      'x-sluice-count': String(count),
      'x-sluice-part': String(part),
      ...(next !== null && { 'x-sluice-next': next }),
    },
  })
}
