/** The banner that asks for consent; a link in the footer opens it again, to change or withdraw the choice. */
;(() => {
  const CHOICES = {
    all: { analytics: true, marketing: true, preferences: true, sale_of_data: true },
    analytics: { analytics: true, marketing: false, preferences: true, sale_of_data: false },
    none: { analytics: false, marketing: false, preferences: false, sale_of_data: false },
  }
  const banner = document.getElementById('consent')

  window.Shopify.loadFeatures([{ name: 'consent-tracking-api', version: '0.1' }], error => {
    if (error) return
    const { customerPrivacy } = window.Shopify
    banner.hidden = !customerPrivacy.shouldShowBanner()
    for (const button of document.querySelectorAll('[data-consent]')) {
      button.addEventListener('click', () => {
        customerPrivacy.setTrackingConsent(CHOICES[button.dataset.consent], () => {
          banner.hidden = true
        })
      })
    }
    document.querySelector('[data-consent-open]')?.addEventListener('click', () => {
      banner.hidden = false
      banner.querySelector('button').focus()
    })
  })
})()
