/** Alana's settings: what a merchant enters, and the form's words beside it. */
import { z } from 'zod'
import { purposesSetting } from '../purposes.ts'
import { credential, rowsSetting } from '../settings.ts'
import { productIdentifierSettings } from '../values.ts'
import { rows } from './rows.ts'

/**
 * Settings as submitted, parsed to `AlanaSettings`. Keys are prefixed `ak_…` in one part of Alana's pages and
 * `ak_live_…` in another, so the prefix is not checked.
 */
export const alanaSettings = z
  .object({
    apiKey: credential.meta({
      label: 'API key',
      help: 'The workspace key that may record events.',
      where: 'Alana dashboard, API keys',
      secret: true,
    }),
    ...productIdentifierSettings,
    visitorFallback: z
      .enum(['customer', 'skip'])
      .default('customer')
      .meta({
        label: 'When no visitor is known',
        help: 'Alana requires a visitor with every event. The customer id (or, for a purchase without a customer, the order id) can stand in for them.',
        names: { customer: 'Send it with the customer or order id', skip: 'Do not send it' },
      }),
    categoryPath: z
      .enum(['title', 'handle', 'path'])
      .default('title')
      .meta({
        label: 'Category path',
        help: 'How a collection is named to Alana. Choose what your catalogue in Alana shows.',
        names: { title: 'Title', handle: 'Handle', path: 'Path' },
      }),
    metadata: z.boolean().default(true).meta({
      label: 'Send details',
      help: 'Adds the time, the quantity, the product title and the order number to each event.',
    }),
    testOrders: z
      .boolean()
      .default(false)
      .meta({ label: 'Send test orders', help: 'Orders of Shopify’s test payment gateway.' }),
    rows: rowsSetting,
    purposes: purposesSetting(rows),
  })
  .superRefine((settings, context) => {
    if (settings.productIdentifier !== 'metafield' || settings.productMetafield) return
    const message = 'name the metafield (namespace.key) that holds the identifier'
    context.addIssue({ code: 'custom', path: ['productMetafield'], message })
  })
export type AlanaSettings = z.output<typeof alanaSettings>
