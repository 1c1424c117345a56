/** A fifth vendor, as small as one can be: counts orders. Shows that a folder and a registry line are enough. */
import { z } from 'zod'
import { announcedTime, objectIn, readByStatus, readFailedTest } from '../../../app/vendors/answers.ts'
import { credential, rowsSetting, rowWants } from '../../../app/vendors/settings.ts'
import type { Vendor, VendorRequest } from '../../../app/vendors/vendor.ts'

const settings = z.object({
  apiKey: credential.meta({
    label: 'API key',
    help: 'Opens the counter.',
    where: 'Tiny: Account, Keys',
    secret: true,
  }),
  rows: rowsSetting,
})
type TinySettings = z.infer<typeof settings>

const request = (key: string, method: 'GET' | 'POST', body?: VendorRequest['body']): VendorRequest => ({
  method,
  url: 'https://api.tiny.example.com/v1/counts',
  headers: {
    authorization: `Bearer ${key}`,
    ...(body !== undefined && { 'content-type': 'application/json' }),
  },
  ...(body !== undefined && { body }),
})

export const tiny: Vendor<TinySettings> = {
  id: 'tiny',
  name: 'Tiny',
  settings,
  rows: { order_created: { becomes: 'count', byDefault: true, purposes: [] } },
  limits: () => ({ limits: [{ scope: 'key', requests: 10, windowSeconds: 1 }], batch: 1, concurrency: 1 }),
  wants: (event, chosen) => rowWants(tiny, event, chosen),
  stateOf: () => null,
  plan: (deliveries, { apiKey }) => ({
    steps: deliveries
      .filter(({ done }) => !done.includes('count'))
      .map(({ event }) => ({
        name: 'count',
        deliveries: [event.id],
        request: request(apiKey, 'POST', { event: event.id }),
      })),
    skips: [],
  }),
  read: (_step, answer) => readByStatus('Tiny', answer, undefined, announcedTime(answer)),
  test: ({ apiKey }) => ({
    request: request(apiKey, 'GET'),
    read(answer) {
      const ok = answer.status === 200 && typeof objectIn(answer).count === 'number'
      if (!ok) return readFailedTest('Tiny', answer, undefined, announcedTime(answer))
      return { ok, merchant: 'Tiny accepts the key.', log: `Tiny answered ${answer.status}` }
    },
  }),
  forget: () => ({ cannot: 'Tiny counts orders and keeps no person.' }),
}
