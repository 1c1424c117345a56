/**
 * Shopify's Customer Privacy API, stood in for: the visitor's choice is in a cookie, and where the region asks
 * for none, everything is allowed until the visitor says no.
 * https://shopify.dev/docs/api/customer-privacy
 */
;(() => {
  const COOKIE = 'store_consent'
  const PURPOSES = ['analytics', 'marketing', 'preferences', 'sale_of_data']
  const isRequired = document.currentScript.dataset.region !== 'none'

  /** Purpose to 'yes', 'no' or ''. */
  const choice = () => {
    const [, text = ''] = new RegExp(`(?:^|; )${COOKIE}=([^;]*)`).exec(document.cookie) ?? []
    const given = new URLSearchParams(decodeURIComponent(text))
    return Object.fromEntries(PURPOSES.map(purpose => [purpose, given.get(purpose) ?? '']))
  }
  const isAllowed = purpose => {
    const said = choice()[purpose]
    return said === '' ? !isRequired : said === 'yes'
  }
  const api = {
    analyticsProcessingAllowed: () => isAllowed('analytics'),
    marketingAllowed: () => isAllowed('marketing'),
    preferencesProcessingAllowed: () => isAllowed('preferences'),
    saleOfDataAllowed: () => isAllowed('sale_of_data'),
    currentVisitorConsent: () => ({ ...choice(), gpc: '' }),
    shouldShowBanner: () => isRequired && choice().analytics === '',
    getRegion: () => (isRequired ? 'CZ10' : 'USNY'),
    /** What is left out stays as it was. */
    setTrackingConsent(consent, callback = () => {}) {
      const now = choice()
      for (const purpose of PURPOSES) {
        if (purpose in consent) now[purpose] = consent[purpose] ? 'yes' : 'no'
      }
      const text = encodeURIComponent(new URLSearchParams(now).toString())
      // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser
      document.cookie = `${COOKIE}=${text}; path=/; max-age=31536000; samesite=lax`
      // Shopify tells its servers first: nobody hears of the choice before setTrackingConsent returned.
      setTimeout(() => {
        document.dispatchEvent(new CustomEvent('visitorConsentCollected', { detail: detail() }))
        callback()
      })
    },
  }
  const detail = () => ({
    analyticsAllowed: api.analyticsProcessingAllowed(),
    marketingAllowed: api.marketingAllowed(),
    preferencesAllowed: api.preferencesProcessingAllowed(),
    saleOfDataAllowed: api.saleOfDataAllowed(),
    firstPartyMarketingAllowed: api.marketingAllowed(),
    thirdPartyMarketingAllowed: api.marketingAllowed(),
  })
  window.Shopify.customerPrivacy = api
})()
