/** One payload or more for each topic: what the property tests mutate. */
import {
  cancelledOrder,
  cart,
  checkout,
  customer,
  order,
  partlyRefundedOrder,
  product,
  redactedOrder,
  refund,
  yenOrder,
} from './testing.ts'

type Fields = Record<string, unknown>

/** Topic and payload. */
export const SAMPLES: readonly (readonly [topic: string, payload: Fields])[] = [
  ['orders/create', order()],
  ['orders/updated', partlyRefundedOrder()],
  ['orders/paid', yenOrder()],
  ['orders/fulfilled', redactedOrder()],
  ['orders/cancelled', order({ cancelled_at: '2026-11-21T08:00:00+01:00' })],
  ['orders/cancelled', cancelledOrder()],
  ['orders/edited', { order_edit: { id: '78912328793123782', order_id: '820982911946154508' } }],
  ['refunds/create', refund()],
  ['refunds/create', refund({ transactions: [], order_adjustments: [{ amount: '-6.00', tax_amount: '0' }] })],
  ['checkouts/create', checkout()],
  ['checkouts/update', checkout({ cart_token: null })],
  ['carts/update', cart()],
  ['customers/create', customer({ email_marketing_consent: { state: 'subscribed' } })],
  ['customers/update', customer()],
  [
    'customers_email_marketing_consent/update',
    {
      customer_id: '706405506930370084',
      email_address: 'shopper@example.com',
      email_marketing_consent: {
        state: 'subscribed',
        opt_in_level: 'single_opt_in',
        consent_updated_at: '2026-11-20T12:30:00+01:00',
      },
    },
  ],
  ['products/update', product()],
  ['products/delete', { id: '788032119674292922' }],
  [
    'shop/update',
    { name: 'Lantern Shop', domain: 'lantern.example.com', currency: 'EUR', country_code: 'SK' },
  ],
  ['app/scopes_update', { previous: [], current: ['read_orders', 'read_products'] }],
  ['app/uninstalled', { myshopify_domain: null }],
  [
    'customers/data_request',
    {
      customer: { id: '191167', email: 'shopper@example.com', phone: null },
      orders_requested: ['299938', '280263'],
      data_request: { id: '9999' },
    },
  ],
  ['customers/redact', { customer: { email: 'shopper@example.com' }, orders_to_redact: ['299938'] }],
  ['shop/redact', { shop_id: '954889', shop_domain: 'lantern-shop.myshopify.com' }],
]
