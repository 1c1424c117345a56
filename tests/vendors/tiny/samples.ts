/** Tiny's samples for the conformance suite. */
import type { VendorSamples } from '../../../app/vendors/conformance.ts'
import { orderEvent, planned } from '../../../app/vendors/testing.ts'

const delivery = planned(orderEvent('order_created'))

export const samples: VendorSamples = {
  folder: new URL('.', import.meta.url),
  settings: [{ name: 'a key', input: { apiKey: 'tiny-key-0123456789' } }],
  refused: [{ name: 'no key', input: {}, field: 'apiKey' }],
  deliveries: [delivery],
  requests: [
    {
      name: 'an order counted',
      settings: { apiKey: 'tiny-key-0123456789' },
      deliveries: [delivery],
      requests: [
        {
          method: 'POST',
          url: 'https://api.tiny.example.com/v1/counts',
          headers: { authorization: 'Bearer tiny-key-0123456789', 'content-type': 'application/json' },
          body: { event: delivery.event.id },
        },
      ],
    },
  ],
  answers: [{ name: 'counted', status: 201, body: { count: 1 }, kind: 'delivered' }],
  testBody: { count: 1 },
  check: ({ body }) =>
    body !== undefined && typeof (body as { event?: unknown }).event !== 'string'
      ? ['event must be a string']
      : [],
}
