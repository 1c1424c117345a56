/**
 * Opens a page of the app within Shopify's admin, for who reads of it elsewhere. Shopify leads from the domain's own admin to
 * where the shop's admin is now, and signs people in on the way.
 * @param domain "name.myshopify.com" @param apiKey the app's client id @param path of the app: "/app/settings"
 */
export function appPageUrl(domain: string, apiKey: string, path: string): string {
  return `https://${domain}/admin/apps/${apiKey}${path}`
}
