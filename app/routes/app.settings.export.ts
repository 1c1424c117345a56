import type { LoaderFunctionArgs } from '@remix-run/node'
import { z } from 'zod'

const askedSchema = z.object({ since: z.iso.date(), until: z.iso.date(), after: z.uuid().optional() })

/** A page of a period's events, whole days of the shop; the headers say how many they are, how far they reach and where to go on. */
export async function loader({ request, context }: LoaderFunctionArgs) {
  const { merchant } = context.services
  const shop = await merchant.enter(request)
  const asked = askedSchema.safeParse(Object.fromEntries(new URL(request.url).searchParams))
  if (!asked.success) throw new Response(null, { status: 400 })
  const { since, until, after = null } = asked.data
  const days = { from: since, to: until }
  const { file, count, next, part } = await merchant.settings.export(shop, days, after)
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
