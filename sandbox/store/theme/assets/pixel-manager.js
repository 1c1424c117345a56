/**
 * Shopify's pixel manager, stood in for: runs the app's web pixel in a worker and publishes the store's standard
 * events to it, once the visitor allows all that the pixel needs. What happened on this page before is published then.
 * https://shopify.dev/docs/apps/build/marketing-analytics/pixels
 */
;(() => {
  const facts = JSON.parse(document.getElementById('store-pixel').textContent)
  const { settings, needs, data, events, clientId } = facts
  const history = []
  let worker = null

  const consent = () => {
    const { customerPrivacy } = window.Shopify
    return {
      analyticsProcessingAllowed: customerPrivacy.analyticsProcessingAllowed(),
      marketingAllowed: customerPrivacy.marketingAllowed(),
      preferencesProcessingAllowed: customerPrivacy.preferencesProcessingAllowed(),
      saleOfDataAllowed: customerPrivacy.saleOfDataAllowed(),
    }
  }
  const PURPOSES = {
    analytics: 'analyticsProcessingAllowed',
    marketing: 'marketingAllowed',
    preferences: 'preferencesProcessingAllowed',
    sale_of_data: 'saleOfDataAllowed',
  }
  const isAllowed = () => {
    if (!window.Shopify.customerPrivacy) return false
    const allowed = consent()
    return needs.every(purpose => allowed[PURPOSES[purpose]])
  }

  const place = () => {
    const { hash, host, hostname, href, origin, pathname, port, protocol, search } = location
    return { hash, host, hostname, href, origin, pathname, port, protocol, search }
  }
  const context = () => ({
    document: {
      characterSet: document.characterSet,
      location: place(),
      referrer: document.referrer,
      title: document.title,
    },
    navigator: {
      cookieEnabled: navigator.cookieEnabled,
      language: navigator.language,
      languages: [...navigator.languages],
      userAgent: navigator.userAgent,
    },
    window: { innerHeight, innerWidth, location: place(), origin, scrollX, scrollY },
  })

  function publish({ name, data }) {
    const event = {
      id: crypto.randomUUID(),
      clientId,
      name,
      type: 'standard',
      seq: history.length,
      timestamp: new Date().toISOString(),
      context: context(),
      data,
    }
    history.push(event)
    if (isAllowed()) worker?.postMessage({ event })
  }

  /** What the pixel may ask of the page: storage and cookies, as strings. */
  const services = {
    'localStorage.getItem': key => localStorage.getItem(key),
    'localStorage.setItem': (key, value) => localStorage.setItem(key, value),
    'localStorage.removeItem': key => localStorage.removeItem(key),
    'localStorage.clear': () => localStorage.clear(),
    'localStorage.key': index => localStorage.key(index),
    'localStorage.length': () => localStorage.length,
    'sessionStorage.getItem': key => sessionStorage.getItem(key),
    'sessionStorage.setItem': (key, value) => sessionStorage.setItem(key, value),
    'sessionStorage.removeItem': key => sessionStorage.removeItem(key),
    'sessionStorage.clear': () => sessionStorage.clear(),
    'sessionStorage.key': index => sessionStorage.key(index),
    'sessionStorage.length': () => sessionStorage.length,
    'cookie.get': name => {
      if (name === undefined) return document.cookie
      const found = document.cookie.split('; ').find(pair => pair.startsWith(`${name}=`))
      return found === undefined ? '' : found.slice(name.length + 1)
    },
    'cookie.set': (name, value) => {
      // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser
      document.cookie = value === undefined ? name : `${name}=${value}`
      return document.cookie
    },
    sendBeacon: (address, body) => navigator.sendBeacon(address, body),
  }

  function start() {
    if (worker || !isAllowed()) return
    worker = new Worker('/assets/pixel-worker.js')
    worker.onmessage = ({ data: { ask, what, given } }) => {
      worker.postMessage({ answer: ask, value: services[what](...given) })
    }
    const init = { context: context(), data, customerPrivacy: consent() }
    worker.postMessage({ start: { settings, init, script: '/pixel/pixel.js' } })
    for (const event of history) worker.postMessage({ event })
  }

  for (const event of events) publish(event)
  window.Shopify.loadFeatures([{ name: 'consent-tracking-api', version: '0.1' }], error => {
    if (error) return
    start()
    document.addEventListener('visitorConsentCollected', () => {
      worker?.postMessage({ consent: consent() })
      start()
    })
  })

  window.storePixel = {
    publish,
    /** What the store noted since the page was made: changes of the cart. */
    async publishPending() {
      for (const event of await (await fetch('/pixel/pending')).json()) publish(event)
    },
  }
})()
