/**
 * Shopify's loader of features, as far as the Customer Privacy API needs it: `Shopify.loadFeatures` fetches the
 * API when somebody asks for it, and calls back with an error when it cannot be had.
 */
;(() => {
  const ADDRESS = '/assets/consent.js'
  const { region } = document.currentScript.dataset
  let loading = null

  const load = () =>
    new Promise((loaded, failed) => {
      const script = document.createElement('script')
      script.src = ADDRESS
      script.async = true
      script.dataset.region = region
      script.onload = () => loaded()
      script.onerror = () => failed(new Error('The Customer Privacy API could not be loaded.'))
      document.head.append(script)
    })

  window.Shopify.loadFeatures = (features, callback = () => {}) => {
    const wanted = features.find(feature => feature.name === 'consent-tracking-api')
    if (!wanted) return callback(new Error('No such feature.'))
    loading ??= load()
    loading.then(
      () => callback(),
      error => callback(error),
    )
  }
})()
