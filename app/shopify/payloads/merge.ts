/**
 * customers/merge (https://shopify.dev/docs/api/webhooks/latest, whose sample has `status` "failed"; the others are those of
 * https://shopify.dev/docs/api/admin-graphql/latest/enums/CustomerMergeRequestStatus, here in small letters).
 */
import { z } from 'zod'
import { exactId, text } from './fields.ts'

export const customersMergeSchema = z
  .object({
    admin_graphql_api_customer_kept_id: text,
    admin_graphql_api_customer_deleted_id: text,
    status: text,
  })
  .transform(merge => ({
    keptId: exactId('Customer', null, merge.admin_graphql_api_customer_kept_id),
    deletedId: exactId('Customer', null, merge.admin_graphql_api_customer_deleted_id),
    status: merge.status?.toLowerCase() ?? null,
  }))
