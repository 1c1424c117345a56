/**
 * The theme: choosing a variant, adding to the cart and changing it, in each of the ways that real themes do it.
 * Which one is the body's `data-mode`: fetch, xhr, form (nothing of this is scripted) or events.
 */
;(() => {
  const { mode } = document.body.dataset
  const { root } = window.Shopify.routes
  const prices = new Intl.NumberFormat(document.documentElement.lang, { style: 'currency', currency: 'EUR' })
  const money = hundredths => prices.format(hundredths / 100)

  const post = {
    fetch: async (action, body) => {
      const response = await fetch(`${root}cart/${action}.js`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json' },
        body: JSON.stringify(body),
      })
      return { ok: response.ok, answer: await response.json() }
    },
    xhr: (action, body) =>
      new Promise((done, failed) => {
        const request = new XMLHttpRequest()
        request.open('POST', `${root}cart/${action}`)
        request.setRequestHeader('Accept', 'application/javascript')
        request.setRequestHeader('X-Requested-With', 'XMLHttpRequest')
        const form = new FormData()
        for (const [name, value] of Object.entries(body)) form.append(name, value)
        request.onload = () =>
          done({ ok: request.status < 400, answer: JSON.parse(request.responseText || 'null') })
        request.onerror = () => failed(new Error('The store does not answer.'))
        request.send(form)
      }),
    /** Shopify's standard storefront events: the change itself goes another way than the Cart API. */
    events: async (action, body, source) => {
      const promise = sendAction(action, body)
      const lines = [
        { merchandiseId: `gid://shopify/ProductVariant/${body.id}`, quantity: Number(body.quantity) },
      ]
      const event = new Event('shopify:cart:lines-update', { bubbles: true })
      source.dispatchEvent(Object.assign(event, { detail: { action, lines }, promise }))
      const { ok, answer } = await promise.then(
        cart => ({ ok: true, answer: cart }),
        error => ({ ok: false, answer: { description: error.message } }),
      )
      return { ok, answer }
    },
  }

  async function sendAction(action, body) {
    const response = await fetch(`${root}actions/lines-${action}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify(body),
    })
    const answer = await response.json()
    if (!response.ok) throw new Error(answer.description)
    return answer
  }

  /** Shopify's own script publishes what happened to the cart; here the page asks the store for it. */
  async function changeCart(action, body, source) {
    const result = await post[mode](action, body, source)
    await window.storePixel?.publishPending()
    const cart = await (await fetch(`${root}cart.js`)).json()
    for (const count of document.querySelectorAll('[data-cart-count]')) count.textContent = cart.item_count
    return { ...result, cart }
  }

  const form = document.querySelector('[data-product-form]')
  if (form) {
    const variants = JSON.parse(document.querySelector('[data-variants]').textContent)
    const said = form.querySelector('[data-said]')
    const button = form.querySelector('[data-add]')

    const variantOf = values => variants.find(one => one.options.every((value, at) => value === values[at]))
    const chosen = () => [...form.querySelectorAll('[data-option]:checked')].map(option => option.value)

    /** Marks each value that, beside what is chosen of the other options, is sold out or not made. */
    function markGone() {
      for (const [at, option] of [...form.querySelectorAll('.option')].entries()) {
        for (const input of option.querySelectorAll('[data-option]')) {
          const isThere = variantOf(chosen().with(at, input.value))?.available
          input.closest('.pill').classList.toggle('gone', !isThere)
          input.parentElement.querySelector('[data-gone]').hidden = isThere
        }
      }
    }
    markGone()

    form.addEventListener('change', event => {
      if (!event.target.matches('[data-option]')) return
      markGone()
      const variant = variantOf(chosen())
      if (variant) choose(variant)
    })

    const choose = variant => {
      form.elements.id.value = variant.id
      document.querySelector('[data-price]').textContent = money(variant.price)
      const sku = document.querySelector('[data-sku]')
      if (sku) sku.textContent = variant.sku
      button.disabled = !variant.available
      button.textContent = variant.available ? button.dataset.label : button.dataset.soldOut
      history.replaceState(history.state, '', `${location.pathname}?variant=${variant.id}`)
      if (mode !== 'events') return
      const event = new Event('shopify:product:select', { bubbles: true })
      const shown = { variant: { id: `gid://shopify/ProductVariant/${variant.id}` } }
      form.dispatchEvent(Object.assign(event, { promise: Promise.resolve(shown) }))
    }

    form.addEventListener('submit', async event => {
      if (mode === 'form') return
      event.preventDefault()
      const { id, quantity } = Object.fromEntries(new FormData(form))
      const done = await changeCart('add', { id, quantity }, form).catch(() => null)
      if (!done) said.textContent = said.dataset.failed
      else said.textContent = done.ok ? said.dataset.added : done.answer.description
    })
  }

  const cartForm = document.querySelector('[data-cart-form]')
  if (cartForm) {
    const problem = document.querySelector('[data-cart-problem]')
    const removed = document.querySelector('[data-cart-removed]')
    const empty = document.querySelector('[data-cart-empty]')
    // One after the other; whoever leaves the page waits for the last.
    let last = Promise.resolve()
    let underway = 0

    function change(id, quantity) {
      underway += 1
      const changed = last.then(() => changeCart('change', { id, quantity }, cartForm))
      last = changed
        .then(({ ok, answer, cart }) => show(cart, ok ? '' : answer.description))
        .catch(error => tell(error.message))
        .then(() => {
          underway -= 1
        })
    }
    const tell = said => {
      problem.hidden = said === ''
      problem.textContent = said
    }
    /** Says what went. Whoever was at a line that goes is led to the one after it, else before it, else to the empty cart's words. */
    function takeAway(gone, left) {
      const { activeElement, body } = document
      const wasThere = activeElement === body || gone.some(line => line.contains(activeElement))
      const following = left.find(
        line => gone.at(-1).compareDocumentPosition(line) & Node.DOCUMENT_POSITION_FOLLOWING,
      )
      const titles = gone.map(line => line.querySelector('.line-what a').textContent)
      removed.textContent = `${removed.dataset.removed}: ${titles.join(', ')}`
      for (const line of gone) line.remove()
      const next = following ?? left.at(-1)
      if (wasThere) (next?.querySelector('[data-remove]') ?? empty.querySelector('p')).focus()
    }
    function show(cart, said) {
      tell(said)
      cartForm.hidden = cart.item_count === 0
      empty.hidden = cart.item_count > 0
      const lines = [...cartForm.querySelectorAll('[data-line]')]
      const itemOf = line => cart.items.find(one => one.key === line.dataset.line)
      const left = lines.filter(itemOf)
      const gone = lines.filter(line => !itemOf(line))
      if (gone.length > 0) takeAway(gone, left)
      for (const line of left) {
        const item = itemOf(line)
        const field = line.querySelector('[data-key]')
        if (field !== document.activeElement || said !== '') field.value = item.quantity
        line.querySelector('[data-line-total]').textContent = money(item.final_line_price)
      }
      cartForm.querySelector('[data-cart-total]').textContent = money(cart.total_price)
    }
    cartForm.addEventListener('submit', async event => {
      if (underway === 0) return
      event.preventDefault()
      const { submitter } = event
      await last
      cartForm.requestSubmit(submitter)
    })
    cartForm.addEventListener('click', event => {
      const key = event.target.closest('[data-remove]')?.dataset.remove
      if (!key) return
      if (mode !== 'form') return change(key, 0)
      cartForm.querySelector(`[data-key="${CSS.escape(key)}"]`).value = 0
      cartForm.requestSubmit(cartForm.querySelector('[name="update"]'))
    })
    cartForm.addEventListener('change', event => {
      const { key } = event.target.dataset
      if (key && mode !== 'form') change(key, event.target.value)
    })
  }
})()
