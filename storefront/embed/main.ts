/**
 * The script of the theme app extension. Everything but the visitor's mark waits until the browser is idle. Whatever fails in it stays in it: the page never notices.
 */
import { cartView, compareCartOfPage } from './cart.ts'
import { watchChanges } from './changes.ts'
import { mayCollect, whenConsentIsKnown } from './consent.ts'
import { emit, flush, settle } from './events.ts'
import { facts, readFacts } from './facts.ts'
import { listen, safely } from './safely.ts'
import { forget, recogniseVisitor } from './store.ts'

function obeyConsent(): void {
  if (mayCollect()) recogniseVisitor()
  else forget()
  settle()
}

/** @param restored whether from the back/forward cache: a new view, of a page whose facts are old */
const view = safely(async (restored?: boolean) => {
  obeyConsent()
  const { template, view } = facts
  if (template === 'index') {
    const page = {
      type: template,
      title: document.title.slice(0, 500),
      referrer: document.referrer.slice(0, 2048),
    }
    emit('page_viewed', { page })
  }
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
  for (const name of ['online', 'pagehide', 'visibilitychange'] as const) listen(name, flush)
  watchChanges()
}

const begin: () => unknown = safely(() => {
  // An asynchronous script may run before the page is there.
  if (document.readyState === 'loading') return whenIdle()
  readFacts()
  if (!facts.design) whenConsentIsKnown(start)
})

/** Where a browser has no idle callbacks, `setTimeout` reads the options as no delay. */
const later: (work: () => void, options: object) => unknown = window.requestIdleCallback ?? setTimeout
const whenIdle = (): unknown => later(begin, { timeout: 2000 })

whenIdle()
safely(() => mayCollect() && recogniseVisitor())()
