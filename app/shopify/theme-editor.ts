/** The way to where a merchant switches the theme's embed on: no API can do that for them, nor say whether it is on. */

/** The file of the block in the theme app extension (extensions/storefront/blocks). */
const HANDLE = 'sluice'

/**
 * Opens the theme editor with the embed switched on, so that only saving is left
 * (https://shopify.dev/docs/apps/build/online-store/theme-app-extensions/configuration#deep-linking).
 * @param domain "name.myshopify.com" @param apiKey the app's client id
 */
export function embedEditorUrl(domain: string, apiKey: string): string {
  const asked = new URLSearchParams({
    context: 'apps',
    template: 'index',
    activateAppId: `${apiKey}/${HANDLE}`,
  })
  return `https://${domain}/admin/themes/current/editor?${asked}`
}
