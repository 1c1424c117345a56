/**
 * The visitor's consent, asked of Shopify's Customer Privacy API each time: another tab may have changed it.
 * Each throws while the API is not there, and nothing is collected.
 */

/** Whether anything may be collected. */
export const mayCollect = () => Shopify.customerPrivacy.analyticsProcessingAllowed()

export const marketing = () => Shopify.customerPrivacy.marketingAllowed()

/** Of who may not be collected from: whether the visitor has yet to say so. */
export const isUndecided = () => !Shopify.customerPrivacy.currentVisitorConsent().analytics

/** Loads the API, and never calls when it cannot be had. */
export const whenConsentIsKnown = (then: () => void) =>
  Shopify.loadFeatures([{ name: 'consent-tracking-api', version: '0.1' }], error => error || then())
