/** Privacy requests that Shopify passes on: recorded with the person sealed, until each is done. */
import type { PoolClient } from 'pg'
import type { Sealer } from '../secrets/seal.ts'

export type PrivacyRequest = {
  topic: string
  requestId: string | null
  customerId: string | null
  email: string | null
  phone: string | null
  orderIds: readonly string[]
}

/** What a request's person is sealed under. */
export const requestContext = (shopId: number, webhookId: string): string[] => [
  String(shopId),
  'privacy',
  webhookId,
]

/** Records a request inside the caller's transaction; Shopify gives 30 days to carry it out. */
export async function recordPrivacyRequest(
  client: PoolClient,
  sealer: Sealer,
  shopId: number,
  webhookId: string,
  { topic, ...subject }: PrivacyRequest,
  receivedAt: Date,
): Promise<void> {
  await client.query(
    `insert into privacy_requests (shop_id, webhook_id, topic, subject, received_at)
     values ($1, $2, $3, $4, $5) on conflict do nothing`,
    [
      shopId,
      webhookId,
      topic,
      sealer.seal(JSON.stringify(subject), requestContext(shopId, webhookId)),
      receivedAt,
    ],
  )
}
