/** The Shopify API version this app is written against, for webhooks and for the Admin GraphQL API. */
export const API_VERSION = '2026-10'
