/** What a merchant sets for Ecomail. */
import { z } from 'zod'
import { purposesSetting } from '../purposes.ts'
import { credential, nonEmpty, rowsSetting } from '../settings.ts'
import { productIdentifierSettings } from '../values.ts'
import { rows } from './rows.ts'

/**
 * Ecomail's settings. Refused when contacts are to be created or updated and no list is named, because a
 * contact exists at Ecomail only in a list.
 */
export const ecomailSettings = z
  .object({
    apiKey: credential.meta({
      label: 'API key',
      help: 'Making a new key in Ecomail ends the old one at once, everywhere it is used; pasting a key here changes nothing in Ecomail.',
      where: 'Ecomail: Manage your account, For developers, Copy API Key (only administrators see it).',
      secret: true,
    }),
    shopName: nonEmpty.optional().meta({
      label: 'Shop name',
      help: 'The shop as Ecomail shows it in segments; capital letters matter. Empty: the myshopify.com domain.',
    }),
    orderId: z
      .enum(['order_id', 'order_name'])
      .default('order_id')
      .meta({
        label: 'Order number sent to Ecomail',
        help: 'Shopify’s own id is always unique; the name is what you see.',
        names: { order_id: 'Shopify’s own id', order_name: 'Order name, such as #1001' },
      }),
    listId: z
      .string()
      .trim()
      .regex(/^\d{1,12}$/, 'must be the number of a list')
      .optional()
      .meta({
        label: 'List',
        help: 'The list that contacts are put into. Needed to create or update contacts.',
        where: 'Ecomail: click the list’s name; the number in the page’s address.',
      }),
    createContacts: z.boolean().default(false).meta({
      label: 'Create missing contacts',
      help: 'Ecomail takes events of contacts it knows. On: an unknown person is added to the list first, as subscribed only if they accept e-mail marketing in Shopify and as unsubscribed otherwise.',
    }),
    productView: z
      .enum(['event', 'last_viewed'])
      .default('event')
      .meta({
        label: 'Product views',
        help: 'The “last viewed product” is Ecomail’s own, and needs the product identifier to match your product feed.',
        names: { event: 'Event with the product’s name and price', last_viewed: '“Last viewed product”' },
      }),
    ...productIdentifierSettings,
    testOrders: z
      .boolean()
      .default(false)
      .meta({ label: 'Send test orders', help: 'Orders of Shopify’s test payment gateway.' }),
    clearBasket: z.boolean().default(true).meta({
      label: 'Empty the basket after an order',
      help: 'Stops the abandoned-cart automation for a cart that was bought.',
    }),
    rows: rowsSetting,
    purposes: purposesSetting(rows),
  })
  .superRefine((settings, context) => {
    const contacts = settings.rows.customer_created || settings.rows.marketing_consent_updated
    if (!settings.listId && (settings.createContacts || contacts)) {
      context.addIssue({
        code: 'custom',
        path: ['listId'],
        message: 'is needed to create or update contacts',
      })
    }
    if (settings.productIdentifier === 'metafield' && !settings.productMetafield) {
      context.addIssue({
        code: 'custom',
        path: ['productMetafield'],
        message: 'is needed to identify products by it',
      })
    }
  })
export type EcomailSettings = z.infer<typeof ecomailSettings>
