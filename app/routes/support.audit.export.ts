import type { LoaderFunctionArgs } from '@remix-run/node'
import { leavesShopsOut } from '../runtime/support-audit.ts'
import { askedOf } from '../ui/support/audit/search.server.ts'

/** The audit as a file, whose name says of which day (UTC) it is and whether each shop of a fleet action is in it: lines of JSON, an entry on each. It says where those who work here are, so it is the admins'. */
export async function loader({ request, context }: LoaderFunctionArgs) {
  const { support } = context.services
  const staff = await support.enter(request, 'admin')
  const { filter, wrong } = askedOf(new URL(request.url).searchParams, support.audit.actions)
  if (wrong.length > 0)
    throw new Response(`This cannot be read: ${wrong.join(', ')}. Nothing was taken.`, { status: 400 })
  const day = new Date().toISOString().slice(0, 10)
  const name = `sluice-audit-${day}${leavesShopsOut(filter) ? '-without-each-shop' : ''}`
  return new Response(context.paced(await support.audit.export(staff, filter)), {
    headers: {
      'content-type': 'application/x-ndjson; charset=utf-8',
      'content-disposition': `attachment; filename="${name}.jsonl"`,
    },
  })
}
