/** Alana (alana.shopping): search and recommendations, fed by shopping events. */
import { rowWants } from '../settings.ts'
import type { Vendor } from '../vendor.ts'
import { isHome } from './map.ts'
import { BATCH, planAlana, SEND_ALONE } from './plan.ts'
import { announces, readAlana, readAlanaTest } from './read.ts'
import { rows } from './rows.ts'
import { type AlanaSettings, alanaSettings } from './settings.ts'

export const alana: Vendor<AlanaSettings> = {
  id: 'alana',
  name: 'Alana',
  settings: alanaSettings,
  rows,
  /** "Per API key 1,000 requests per minute; per API key + IP 100" (https://docs.alana.shopping/api-reference/v1/events). */
  limits: () => ({
    limits: [
      { scope: 'key', requests: 1000, windowSeconds: 60 },
      { scope: 'key+address', requests: 100, windowSeconds: 60 },
    ],
    batch: BATCH,
    concurrency: 1,
  }),
  wants: (event, settings) =>
    event.type === 'page_viewed' && !isHome(event) ? 'no' : rowWants({ rows }, event, settings),
  stateOf: () => null,
  plan: planAlana,
  read: readAlana,
  announces,
  learns: [SEND_ALONE],
  test: settings => ({
    request: {
      method: 'GET',
      url: 'https://alana.shopping/api/v1/autocomplete?query=te',
      headers: { 'x-api-key': settings.apiKey },
    },
    read: readAlanaTest,
  }),
  forget: () => ({
    cannot:
      'Alana documents no request that erases a visitor. It never receives names or e-mail addresses; ask Alana to erase the visitor and customer ids.',
  }),
}
