import type { ActionFunctionArgs } from '@remix-run/node'

/** `POST /webhooks`: Shopify, all topics. */
export const action = ({ request, context }: ActionFunctionArgs) => context.services.receiveWebhook(request)

/** Anything but POST. */
export const loader = () => new Response('Method not allowed', { status: 405, headers: { allow: 'POST' } })
