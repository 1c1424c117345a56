/** The steps of the set-up guide, each done when what it is for is really there: nothing here is ticked off by hand. */

import type { SetUp } from '../insights/set-up.ts'
import type { StorefrontStatus } from '../insights/storefront-status.ts'
import type { PixelState } from '../shopify/admin/pixel-state.ts'
import type { VendorCard, VendorStatus } from './merchant-vendors.ts'

export type StepName = 'connect' | 'embed' | 'pixel' | 'test' | 'first'

export type Guide = {
  done: Record<StepName, boolean>
  /** Opens the theme editor, outside of the app. */
  editorUrl: string
  storefrontUrl: string
  /** Why the web pixel could not be set up, as a code; null: nobody tried, or it is. */
  pixelTrouble: string | null
  /** The story of an event that arrived. */
  first: { eventId: string; tool: string } | null
}

export type GuideFacts = {
  cards: readonly VendorCard[]
  storefront: StorefrontStatus
  pixel: PixelState
  setUp: SetUp
  editorUrl: string
  storefrontUrl: string
}

/** Whether it is known of what is connected that nothing arrives by it. */
const isRefused = (status: VendorStatus) =>
  status.kind === 'refused' || (status.kind === 'attention' && status.refused)

/** @returns null when the merchant has put it away */
export function guideOf(known: GuideFacts): Guide | null {
  const { cards, storefront, pixel, setUp, editorUrl, storefrontUrl } = known
  if (setUp.dismissedAt !== null) return null
  const connected = cards.filter(({ status }) => status.kind !== 'none')
  const untested = connected.filter(({ test }) => !test?.ok)
  const { delivered } = setUp
  return {
    done: {
      connect: connected.some(({ status }) => !isRefused(status)),
      embed: storefront.embed.state !== 'never',
      pixel: pixel.state === 'active' && pixel.trouble === null,
      test: connected.length > 0 && untested.length === 0,
      first: delivered !== null,
    },
    editorUrl,
    storefrontUrl,
    pixelTrouble: pixel.trouble,
    first: delivered && {
      eventId: delivered.eventId,
      tool: cards.find(({ id }) => id === delivered.vendor)?.name ?? delivered.vendor,
    },
  }
}
