/**
 * A stand-in of Shopify's App Bridge inside the app's frame (https://shopify.dev/docs/api/app-bridge-library): session tokens on
 * requests to the app, navigation, toasts and the save bar. What the app does not use is not here.
 */
;(() => {
  const script = document.currentScript
  const admin = new URL(script.src).origin
  const shop = new URLSearchParams(location.search).get('shop') ?? sessionStorage.getItem('sandbox:shop')
  sessionStorage.setItem('sandbox:shop', shop)
  const locale =
    new URLSearchParams(location.search).get('locale') ??
    sessionStorage.getItem('sandbox:locale') ??
    document.documentElement.lang
  sessionStorage.setItem('sandbox:locale', locale)
  const tell = message => parent.postMessage({ sandbox: message }, admin)
  const ownFetch = window.fetch

  async function idToken() {
    return (await ownFetch(`${admin}/id-token?shop=${encodeURIComponent(shop)}`)).text()
  }
  window.fetch = async (input, init) => {
    const request = new Request(input, init)
    if (new URL(request.url).origin === location.origin && !request.headers.has('authorization')) {
      request.headers.set('authorization', `Bearer ${await idToken()}`)
      request.headers.set('accept-language', locale)
    }
    return ownFetch(request)
  }

  const shown = new Set()
  const showBar = isShown => id => {
    if (isShown) shown.add(id)
    else shown.delete(id)
    tell({ saveBar: { shown: shown.size > 0 } })
    return Promise.resolve()
  }
  /** Resolves when the page may be left: nothing is unsaved, or the admin was told that it may be lost. */
  const waiting = []
  function leaveConfirmation() {
    if (shown.size === 0) return Promise.resolve()
    tell({ leaving: {} })
    return new Promise(done => waiting.push(done))
  }
  window.shopify = {
    config: { apiKey: script.dataset.apiKey, shop, locale },
    idToken,
    toast: {
      show: (text, { isError = false, duration = 5000 } = {}) => tell({ toast: { text, isError, duration } }),
      hide() {},
    },
    loading() {},
    saveBar: { show: showBar(true), hide: showBar(false), leaveConfirmation },
  }

  const tellNavigation = () => {
    const links = [...document.querySelectorAll('ui-nav-menu a')]
      .filter(link => link.getAttribute('rel') !== 'home')
      .map(link => ({ href: link.getAttribute('href'), text: link.textContent }))
    tell({ navigation: { links, path: location.pathname } })
  }
  customElements.define(
    'ui-nav-menu',
    class extends HTMLElement {
      connectedCallback() {
        this.style.display = 'none'
        setTimeout(tellNavigation)
        new MutationObserver(tellNavigation).observe(document.documentElement, {
          childList: true,
          subtree: true,
        })
      }
    },
  )
  customElements.define(
    'ui-save-bar',
    class extends HTMLElement {
      connectedCallback() {
        this.style.display = 'none'
      }
      show() {
        return showBar(true)(this.id)
      }
      hide() {
        return showBar(false)(this.id)
      }
    },
  )

  // A shop's own admin and its store are here too, and nothing of Shopify's is opened.
  addEventListener(
    'click',
    ({ target }) => {
      const link = target.closest?.('a[href]')
      const its = `https://${shop}/`
      if (link?.href.startsWith(its))
        link.href = `${admin}/store/${shop.split('.')[0]}/visit/${link.href.slice(its.length)}`
    },
    true,
  )

  addEventListener('message', ({ source, data }) => {
    if (source !== parent || !data?.sandbox) return
    const { go, save, leave } = data.sandbox
    if (leave !== undefined) {
      const left = waiting.splice(0)
      if (leave) for (const id of [...shown]) showBar(false)(id)
      if (leave) for (const done of left) done()
    }
    if (go) {
      const link = Object.assign(document.createElement('a'), { href: go })
      document.body.append(link)
      link.dispatchEvent(new CustomEvent('shopify:navigate', { bubbles: true }))
      link.remove()
    }
    if (save) {
      const name = save === 'save' ? '[variant=primary]' : ':not([variant=primary])'
      document.querySelector(`ui-save-bar button${name}`)?.click()
    }
  })
})()
