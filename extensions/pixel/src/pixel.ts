/** Listening: to what visitors do, and to what they allow. Whatever fails in it stays in it. */
import type { ExtensionApi } from '@shopify/web-pixels-extension'
import { openOutbox } from './outbox.ts'
import { NAMES, toWire } from './wire.ts'

export function startPixel(api: ExtensionApi): void {
  const { analytics, customerPrivacy } = api
  const outbox = openOutbox(api)
  customerPrivacy.subscribe('visitorConsentCollected', event => outbox.obey(event.customerPrivacy))
  for (const name of NAMES) {
    analytics.subscribe(name, event => {
      try {
        const wire = toWire(name, event)
        if (wire) outbox.add(wire)
      } catch {}
    })
  }
}
