/** What this script uses of Shopify's Customer Privacy API and of its standard storefront events. */
declare const Shopify: {
  customerPrivacy: {
    analyticsProcessingAllowed(): boolean
    marketingAllowed(): boolean
    /** "yes", "no", or "" while the visitor has not decided. */
    currentVisitorConsent(): { analytics: string }
  }
  loadFeatures(features: { name: string; version: string }[], loaded: (error?: unknown) => unknown): void
}

interface WindowEventMap {
  DOMContentLoaded: Event
  visibilitychange: Event
  visitorConsentCollected: Event
  'shopify:cart:lines-update': Event & { promise?: Promise<unknown> }
}
