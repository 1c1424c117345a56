/** The admin around the app's frame: draws what the app's App Bridge tells it, and tells it what is pressed. */
const frame = document.querySelector('iframe')
const list = document.querySelector('nav ul')
const toast = document.querySelector('#toast')
const question = document.querySelector('#leaving')
const saveBar = document.querySelector('#save-bar')
const tell = message => frame.contentWindow.postMessage({ sandbox: message }, new URL(frame.src).origin)

const draw = {
  navigation({ links, path }) {
    list.replaceChildren(
      ...links.map(({ href, text }) => {
        const link = Object.assign(document.createElement('a'), { href, textContent: text })
        if (new URL(href, frame.src).pathname === path) link.setAttribute('aria-current', 'page')
        link.addEventListener('click', event => {
          event.preventDefault()
          tell({ go: href })
        })
        const item = document.createElement('li')
        item.append(link)
        return item
      }),
    )
  },
  toast({ text, isError, duration }) {
    const line = Object.assign(document.createElement('p'), { textContent: text })
    if (isError) line.className = 'error'
    toast.replaceChildren(line)
    setTimeout(() => line.remove(), duration)
  },
  saveBar({ shown }) {
    saveBar.hidden = !shown
  },
  leaving() {
    question.showModal()
  },
}

// The app's name in Shopify's navigation leads to its first page.
document.querySelector('nav .app').addEventListener('click', event => {
  event.preventDefault()
  tell({ go: event.currentTarget.getAttribute('href') })
})
// As if somebody had ordered in the shop, whose storefront is not here.
const order = document.querySelector('#order')
order.addEventListener('submit', async event => {
  event.preventDefault()
  const said = order.querySelector('[role=status]')
  said.textContent = ''
  try {
    said.textContent = await (await fetch(order.action, { method: 'POST' })).text()
  } catch {
    said.textContent = 'The sandbox does not answer'
  }
})
addEventListener('message', ({ source, data }) => {
  if (source !== frame.contentWindow) return
  for (const [what, message] of Object.entries(data?.sandbox ?? {})) draw[what]?.(message)
})
for (const button of saveBar.querySelectorAll('button'))
  button.addEventListener('click', () => tell({ save: button.dataset.save }))
question.addEventListener('close', () => {
  tell({ leave: question.returnValue === 'leave' })
  question.returnValue = ''
})
