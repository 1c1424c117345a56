/**
 * The strict sandbox of a web pixel: a worker with no page, in which the pixel registers itself, hears events and
 * asks the page for storage. Who subscribes late hears what was published before.
 * https://shopify.dev/docs/api/web-pixels-api
 */
;(() => {
  const waiting = new Map()
  const published = []
  const listeners = []
  const consentListeners = []
  let asked = 0

  const ask = (what, ...given) =>
    new Promise(answered => {
      asked += 1
      waiting.set(asked, answered)
      self.postMessage({ ask: asked, what, given })
    })

  const storage = area => ({
    getItem: key => ask(`${area}.getItem`, key),
    setItem: (key, value) => ask(`${area}.setItem`, key, value),
    removeItem: key => ask(`${area}.removeItem`, key),
    clear: () => ask(`${area}.clear`),
    key: index => ask(`${area}.key`, index),
    length: () => ask(`${area}.length`),
  })
  const wants = (name, event) => ['all_events', 'all_standard_events', event.name].includes(name)

  function subscribe(name, callback) {
    const listener = { name, callback }
    listeners.push(listener)
    for (const event of published) {
      if (wants(name, event)) queueMicrotask(() => callback(event))
    }
    return () => listeners.splice(listeners.indexOf(listener), 1).length === 1
  }

  function start({ settings, init, script }) {
    const api = {
      settings,
      init,
      analytics: { subscribe },
      browser: {
        localStorage: storage('localStorage'),
        sessionStorage: storage('sessionStorage'),
        cookie: { get: name => ask('cookie.get', name), set: (...given) => ask('cookie.set', ...given) },
        sendBeacon: (address, body) => ask('sendBeacon', address, body),
      },
      customerPrivacy: {
        subscribe(_name, callback) {
          consentListeners.push(callback)
          return () => consentListeners.splice(consentListeners.indexOf(callback), 1).length === 1
        },
      },
    }
    self.shopify = { extend: (_point, extend) => extend(api) }
    self.importScripts(script)
  }

  self.onmessage = ({ data: { start: given, event, consent, answer, value } }) => {
    if (given) start(given)
    if (event) {
      published.push(event)
      for (const { name, callback } of listeners) if (wants(name, event)) callback(event)
    }
    if (consent) for (const callback of consentListeners) callback({ customerPrivacy: consent })
    if (answer) {
      waiting.get(answer)(value)
      waiting.delete(answer)
    }
  }
})()
