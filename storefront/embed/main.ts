/**
 * The script of the theme app extension. Everything but the visitor's mark waits until the browser is idle. Whatever fails in it stays in it: the page never notices.
 */
import { compareCartOfPage } from './cart.ts'
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
  await compareCartOfPage(restored)
  const { cart, view } = facts
  if (view?.data.page) view.data.page.referrer = document.referrer
  if (view)
    emit(view.type, view.data.cart ? { cart: { ...cart, items: cart.items.slice(0, 50) } } : view.data)
})

function start(): void {
  view()
  listen('visitorConsentCollected', () => {
    obeyConsent()
    compareCartOfPage()
  })
  listen('pageshow', ({ persisted }) => persisted && view(true))
  listen('online', flush)
  // The visitor may have decided in another tab, which tells only its own page.
  listen('visibilitychange', () => {
    obeyConsent()
    flush()
  })
  watchChanges()
}

const begin: () => unknown = safely(() => {
  readFacts()
  whenConsentIsKnown(start)
})

/** Where a browser has no idle callbacks, `setTimeout` reads the options as no delay. */
const later: (work: () => void, options: object) => unknown = window.requestIdleCallback ?? setTimeout

later(begin, { timeout: 2000 })
