/** Listens to what the visitor does and allows. Whatever fails in the pixel stays in it. */
import type { ExtensionApi } from '@shopify/web-pixels-extension'
import { openOutbox } from './outbox.ts'
import { safely } from './safely.ts'
import { NAMES, toWire } from './wire.ts'

export function startPixel(api: ExtensionApi): void {
  const { add, obey } = openOutbox(api)
  api.customerPrivacy.subscribe(
    'visitorConsentCollected',
    safely(event => obey(event.customerPrivacy)),
  )
  for (const name of NAMES) {
    api.analytics.subscribe(
      name,
      safely(event => add(toWire(name, event))),
    )
  }
}
