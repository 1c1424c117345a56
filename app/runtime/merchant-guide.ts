/** The steps of the set-up guide, each done when what it is for is really there: nothing here is ticked off by hand. */

import type { SetUp } from '../insights/set-up.ts'
import type { StorefrontStatus } from '../insights/storefront-status.ts'
import type { PixelState } from '../shopify/admin/pixel-state.ts'
import type { VendorCard, VendorStatus } from './merchant-vendors.ts'

export type StepName = 'connect' | 'embed' | 'pixel' | 'test' | 'first'

export type Guide = {
  done: Record<StepName, boolean>
  /** Whether anything is saved that a test could be sent to: also a tool that refuses its key. */
  connected: boolean
  /** All that is saved is refused: the first tool of which. */
  toCorrect: { id: string; name: string; atKey: boolean } | null
  /** Opens the theme editor, outside of the app. */
  editorUrl: string
  storefrontUrl: string
  /** Why the web pixel could not be set up, as a code; null: nobody tried, or it is. */
  pixelTrouble: string | null
  /** Something waits until it is known who its visitor is. */
  waits: boolean
  /** The story of an event that arrived. */
  first: { eventId: string; tool: string } | null
}

export type GuideFacts = {
  cards: readonly VendorCard[]
  /** The vendors of which `provedVendors` says so. */
  proved: ReadonlySet<string>
  storefront: StorefrontStatus
  pixel: PixelState
  setUp: SetUp
  editorUrl: string
  storefrontUrl: string
}

/** Whether it is known of what is connected that nothing arrives by it. */
const isRefused = (status: VendorStatus) =>
  status.kind === 'refused' || ((status.kind === 'attention' || status.kind === 'off') && status.refused)

/** @returns null when the merchant has put it away */
export function guideOf(known: GuideFacts): Guide | null {
  const { cards, proved, storefront, pixel, setUp, editorUrl, storefrontUrl } = known
  if (setUp.dismissedAt !== null) return null
  const connected = cards.filter(({ status }) => status.kind !== 'none')
  const works = connected.some(({ status }) => !isRefused(status))
  const { delivered, testSent } = setUp
  const accepting =
    connected.length > 0 && connected.every(({ id, status }) => proved.has(id) && !isRefused(status))
  return {
    done: {
      connect: works,
      embed: storefront.embed.state !== 'never',
      pixel: pixel.state === 'active' && pixel.trouble === null,
      test: accepting && (testSent || delivered !== null),
      first: delivered !== null,
    },
    connected: connected.length > 0,
    toCorrect: works ? null : toCorrect(connected[0]),
    editorUrl,
    storefrontUrl,
    pixelTrouble: pixel.trouble,
    waits: cards.some(({ counts }) => counts.forVisitor > 0),
    first: delivered && {
      eventId: delivered.eventId,
      tool: cards.find(({ id }) => id === delivered.vendor)?.name ?? delivered.vendor,
    },
  }
}

/** The live lane stops at nothing but its key; a test may also fail of something else. */
function toCorrect(card: VendorCard | undefined): Guide['toCorrect'] {
  if (!card) return null
  const { id, name, status } = card
  return { id, name, atKey: status.kind !== 'refused' || status.atKey }
}
