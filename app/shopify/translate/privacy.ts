/** The compliance topics: someone asks for their data, or for its erasure. */
import type { PrivacyTopic } from '../effects.ts'
import { privacySchema } from '../payloads/privacy.ts'
import { type Handler, translation } from './notice.ts'

/** The handler of one compliance topic. A request is passed on however little it names. */
export function privacyTopic(topic: PrivacyTopic): Handler {
  return ({ payload }) => {
    const request = privacySchema.parse(payload)
    return translation(
      [],
      [
        {
          kind: 'privacy_request',
          topic,
          requestId: request.data_request?.id ?? null,
          customerId: request.customer?.id ?? null,
          email: request.customer?.email ?? null,
          phone: request.customer?.phone ?? null,
          orderIds: [...request.orders_requested, ...request.orders_to_redact],
        },
      ],
      '',
    )
  }
}
