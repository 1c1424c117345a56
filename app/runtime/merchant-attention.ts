/** What of a shop needs its merchant: each with what mends it, the most urgent first. */
import type { Failed } from '../insights/failed.ts'
import type { StorefrontStatus } from '../insights/storefront-status.ts'
import type { PixelState } from '../shopify/admin/pixel-state.ts'
import type { ShownHold, VendorCard, VendorStatus } from './merchant-vendors.ts'

/** Times in ISO 8601. `id` and `name`: the tool. */
export type Attention =
  /** Nothing is sent until somebody does something. */
  | { kind: 'stopped'; id: string; name: string; why: string; held: number; atKey: boolean }
  /** `count`: of the page's period, as of now; see `MOST_FAILED`. `arrived`: so many of those counted had arrived before they were sent again. */
  | ({ kind: 'failed'; id: string; name: string } & Failed)
  | { kind: 'late'; id: string; name: string; count: number; received: string }
  | { kind: 'rests'; id: string; name: string; why: string; until: string; over: boolean }
  /** The tool asked to be left alone for a while. `why` null: nothing that is stored tells. */
  | { kind: 'paused'; id: string; name: string; why: string | null; until: string }
  /** Switched off by the merchant while something waits for it. */
  | { kind: 'off'; id: string; name: string; held: number }
  /** Support holds it. `until` null: until it is released. */
  | ({ kind: 'held'; id: string; name: string; held: number } & ShownHold)
  /** The last test of what is saved failed, and nothing was delivered since. `atKey`, here and of what is stopped: for the credentials. */
  | { kind: 'refused'; id: string; name: string; why: string; atKey: boolean }
  /** Saved without a test, and nothing was delivered since. */
  | { kind: 'untested'; id: string; name: string }
  | { kind: 'embedSilent'; since: string | null }
  /** `trouble`: a code, as of `PixelState`; null: it was not tried. */
  | { kind: 'pixel'; trouble: string | null }
  | { kind: 'access'; trouble: string }

/** What is sent takes seconds; after an hour somebody should know. */
const LATE_MS = 3600_000
const SENDS: readonly VendorStatus['kind'][] = ['on', 'untested', 'paused', 'refused']

/** Of what is to be sent: when the first was received, and since when the first waits, after a release anew. */
export type OldestToSend = { received: Date; waits: Date }

export type ShopState = {
  tools: readonly { card: VendorCard; oldest: OldestToSend | null; failed: Failed }[]
  storefront: StorefrontStatus
  pixel: PixelState
  /** Why Shopify cannot be asked for the shop, as a code; null: it can. */
  access: string | null
  /** While the guide is shown, it says what was never set up. */
  guided: boolean
  now: Date
}

const URGENCY: readonly Attention['kind'][] = [
  'access',
  'stopped',
  'refused',
  'failed',
  'held',
  'late',
  'rests',
  'paused',
  'off',
  'untested',
  'embedSilent',
  'pixel',
]

export function attentionOf({ tools, storefront, pixel, access, guided, now }: ShopState): Attention[] {
  const found: Attention[] = tools.flatMap(({ card, oldest, failed }) =>
    ofVendor(card, oldest, failed, now, guided),
  )
  if (access !== null) found.push({ kind: 'access', trouble: access })
  const { embed } = storefront
  const connected = tools.some(({ card }) => card.status.kind !== 'none')
  if (embed.state === 'silent' || (embed.state === 'never' && !guided && connected))
    found.push({ kind: 'embedSilent', since: embed.lastAt?.toISOString() ?? null })
  const pixelIsWell = pixel.state === 'active' && pixel.trouble === null
  if (!guided && !pixelIsWell && access === null && connected)
    found.push({ kind: 'pixel', trouble: pixel.trouble })
  return found.toSorted((a, b) => URGENCY.indexOf(a.kind) - URGENCY.indexOf(b.kind))
}

function ofVendor(
  { id, name, status, counts }: VendorCard,
  oldest: OldestToSend | null,
  failed: Failed,
  now: Date,
  guided: boolean,
) {
  const found: Attention[] = []
  if (status.kind === 'attention')
    found.push({ kind: 'stopped', id, name, why: status.why, held: counts.held, atKey: status.refused })
  if (status.kind === 'held') {
    const { reason, since, until } = status
    found.push({ kind: 'held', id, name, reason, since, until, held: counts.held })
  }
  if (status.kind === 'refused')
    found.push({ kind: 'refused', id, name, why: status.why, atKey: status.atKey })
  if (status.kind === 'rests') {
    const { why, until, over } = status
    found.push({ kind: 'rests', id, name, why, until, over })
  }
  if (status.kind === 'paused') found.push({ kind: 'paused', id, name, why: status.why, until: status.until })
  if (status.kind === 'off' && counts.held > 0) found.push({ kind: 'off', id, name, held: counts.held })
  if (status.kind === 'untested' && !guided) found.push({ kind: 'untested', id, name })
  if (SENDS.includes(status.kind) && oldest && now.getTime() - oldest.waits.getTime() > LATE_MS)
    found.push({ kind: 'late', id, name, count: counts.open, received: oldest.received.toISOString() })
  if (failed.count > 0) found.push({ kind: 'failed', id, name, ...failed })
  return found
}
