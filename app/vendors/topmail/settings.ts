/** What a merchant sets for Topmail. */
import { z } from 'zod'
import { purposesSetting } from '../purposes.ts'
import { credential, rowsSetting } from '../settings.ts'
import { productIdentifierSettings } from '../values.ts'
import { rows } from './rows.ts'

/** Topmail's settings. */
export const topmailSettings = z
  .object({
    apiKey: credential.meta({
      label: 'API key',
      help: 'tm_live_… for real mailings; with a tm_test_… key Topmail only simulates e-mails. The key needs the contacts permission.',
      where: 'Topmail: the workspace’s API keys.',
      secret: true,
    }),
    createContacts: z.boolean().default(false).meta({
      label: 'Create missing contacts',
      help: 'Topmail takes events of contacts it knows. On: an unknown person who accepts e-mail marketing in Shopify is added first, as subscribed. Nobody else is added.',
    }),
    ...productIdentifierSettings,
    testOrders: z
      .boolean()
      .default(false)
      .meta({ label: 'Send test orders', help: 'Orders of Shopify’s test payment gateway, as conversions.' }),
    rows: rowsSetting,
    purposes: purposesSetting(rows),
  })
  .superRefine((settings, context) => {
    if (settings.productIdentifier === 'metafield' && !settings.productMetafield) {
      context.addIssue({
        code: 'custom',
        path: ['productMetafield'],
        message: 'is needed to identify products by it',
      })
    }
  })
export type TopmailSettings = z.infer<typeof topmailSettings>
