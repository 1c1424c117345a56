/**
 * The banner that asks for consent, the first thing in the document; a link in the footer opens it again, to change or withdraw the
 * choice. Whoever has chosen goes on where they were: at that link, or at the page's beginning.
 */
;(() => {
  const CHOICES = {
    all: { analytics: true, marketing: true, preferences: true, sale_of_data: true },
    analytics: { analytics: true, marketing: false, preferences: true, sale_of_data: false },
    none: { analytics: false, marketing: false, preferences: false, sale_of_data: false },
  }
  const banner = document.getElementById('consent')
  const buttons = [...banner.querySelectorAll('[data-consent]')]
  const now = banner.querySelector('[data-consent-now]')
  const close = banner.querySelector('[data-consent-close]')
  const opener = document.querySelector('[data-consent-open]')

  window.Shopify.loadFeatures([{ name: 'consent-tracking-api', version: '0.1' }], error => {
    if (error) return
    const { customerPrivacy } = window.Shopify
    banner.hidden = !customerPrivacy.shouldShowBanner()

    const current = () => {
      if (customerPrivacy.marketingAllowed()) return 'all'
      return customerPrivacy.analyticsProcessingAllowed() ? 'analytics' : 'none'
    }
    /** Whoever has not chosen yet has nothing to leave as it is. */
    function reopen() {
      const isChosen = !customerPrivacy.shouldShowBanner()
      now.hidden = close.hidden = !isChosen
      now.textContent = now.dataset[current()]
      for (const button of buttons) {
        button.toggleAttribute('data-now', isChosen && button.dataset.consent === current())
      }
      banner.hidden = false
      buttons[0].focus()
    }
    function leave() {
      if (banner.hidden || close.hidden) return
      banner.hidden = true
      opener.focus()
    }
    // Chosen in another tab meanwhile: who has not asked for the banner here need not answer it again.
    document.addEventListener('visibilitychange', () => {
      if (close.hidden && !customerPrivacy.shouldShowBanner()) banner.hidden = true
    })
    for (const button of buttons) {
      button.addEventListener('click', () => {
        const next = close.hidden ? document.getElementById('main') : opener
        customerPrivacy.setTrackingConsent(CHOICES[button.dataset.consent], () => {
          banner.hidden = true
          next.focus({ preventScroll: true })
        })
      })
    }
    opener?.addEventListener('click', reopen)
    close.addEventListener('click', leave)
    banner.addEventListener('keydown', event => event.key === 'Escape' && leave())
  })
})()
