/** The languages of the merchant's pages. */

export const LANGUAGES = ['en', 'cs', 'sk', 'de', 'pl', 'pt-BR'] as const
export type Language = (typeof LANGUAGES)[number]

/**
 * @param wanted as Shopify's `locale` parameter or Accept-Language say it, best first: "cs", "pt-PT", "de-AT;q=0.9"
 * @returns the first that the pages speak, by language where not by region; else English
 */
export function languageOf(wanted: readonly (string | null | undefined)[]): Language {
  for (const text of wanted) {
    const tag = text?.split(';')[0]?.trim().toLowerCase().replace('_', '-') ?? ''
    const primary = tag.split('-')[0]
    const found = LANGUAGES.find(language => {
      const known = language.toLowerCase()
      return known === tag || known.split('-')[0] === primary
    })
    if (found && primary) return found
  }
  return 'en'
}

/**
 * The language of the page that a request is for: the one `chosen` for the shop, if any; else Shopify's `locale` when the app is opened; afterwards App Bridge sends the shop's
 * locale as Accept-Language (https://shopify.dev/docs/api/app-bridge-library/apis/resource-fetching).
 */
export function languageAsked(request: Request, chosen: string | null): Language {
  const accepted = request.headers.get('accept-language')?.split(',') ?? []
  return languageOf([chosen, new URL(request.url).searchParams.get('locale'), ...accepted])
}
