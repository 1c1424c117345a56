/** The support console's texts for the command line, which says the same in the same words. */
import { createInstance } from 'i18next'
import en from '../ui/locales/en.json' with { type: 'json' }
import type { Known } from '../ui/support/audit/wording.ts'
import audit from '../ui/support/texts/audit.json' with { type: 'json' }
import fleet from '../ui/support/texts/fleet.json' with { type: 'json' }
import frame from '../ui/support/texts/frame.json' with { type: 'json' }
import state from '../ui/support/texts/state.json' with { type: 'json' }

const instance = createInstance()
instance.init({
  lng: 'en',
  ns: ['texts'],
  defaultNS: 'texts',
  resources: { en: { texts: { activity: en.activity, support: { audit, fleet, frame, state } } } },
  // A terminal is given no markup.
  interpolation: { escapeValue: false },
  initAsync: false,
})

export const t = instance.t

export const known: Known = key => {
  const found: unknown = instance.getResource('en', 'texts', key)
  return typeof found === 'string' ? found : null
}
