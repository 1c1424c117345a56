import type { ActionFunctionArgs } from '@remix-run/node'

/** `POST /proxy/events`: storefront batches, through Shopify's app proxy. */
export const action = ({ request, context }: ActionFunctionArgs) => context.services.receiveBatch(request)

/** Anything but POST. */
export const loader = () => new Response('Method not allowed', { status: 405, headers: { allow: 'POST' } })
