/**
 * The script of the theme app extension. At evaluation it does no more than watch the page's requests; everything
 * else waits until the browser is idle. Whatever fails in it stays in it: the page never notices.
 */
import { cartChanged, cartView, compareCartOfPage } from './cart.ts'
import { mayCollect, whenConsentIsKnown } from './consent.ts'
import { emit, flush, settle } from './events.ts'
import { facts, readFacts } from './facts.ts'
import { listen, safely } from './safely.ts'
import { forget, recogniseVisitor } from './store.ts'
import { watchVariants } from './variants.ts'
import { watchRequests } from './watch.ts'

function obeyConsent(): void {
  if (mayCollect()) recogniseVisitor()
  else forget()
  settle()
}

/** @param restored whether from the back/forward cache: a new view, of a page whose facts are old */
const view = safely(async (restored?: boolean) => {
  obeyConsent()
  const { template, view } = facts
  emit('page_viewed', {
    page: {
      type: template,
      title: document.title.slice(0, 500),
      referrer: document.referrer.slice(0, 2048),
    },
  })
  if (view) emit(view.type, view.data)
  await compareCartOfPage(restored)
  if (template === 'cart') emit('cart_viewed', cartView())
})

function start(): void {
  view()
  listen('visitorConsentCollected', () => {
    obeyConsent()
    compareCartOfPage()
  })
  listen('pageshow', ({ persisted }) => {
    if (persisted) view(true)
  })
  listen('shopify:cart:lines-update', async ({ promise }) => {
    await promise
    cartChanged()
  })
  for (const name of ['online', 'pagehide', 'visibilitychange'] as const) listen(name, flush)
  if (facts.variants[0]) watchVariants()
}

const begin = safely(() => {
  readFacts()
  if (!facts.design) whenConsentIsKnown(start)
})

/** Where a browser has no idle callbacks, `setTimeout` reads the options as no delay. */
const later: (work: () => void, options: object) => unknown = window.requestIdleCallback ?? setTimeout
const whenIdle = () => later(begin, { timeout: 2000 })

// Shopify lets nothing but its own editor and previews frame a storefront.
if (self === top) {
  watchRequests()
  if (document.readyState === 'loading') listen('DOMContentLoaded', whenIdle)
  else whenIdle()
  safely(() => mayCollect() && recogniseVisitor())()
}
