/**
 * What the pixel keeps in the browser, only with consent: the visitor in localStorage, where the embed keeps it too;
 * what waits to be sent in sessionStorage, so that tabs do not send each other's; what could not be sent in
 * localStorage. Storage that fails is empty.
 */
import type { Browser } from '@shopify/web-pixels-extension'
import type { WireEvent } from './wire.ts'

const VISITOR = 'sluice'
const WAITING = 'sluice:p'
const MOST_EVENTS = 50
const THIRTEEN_MONTHS = 396 * 86_400_000

type Storage = Pick<Browser['localStorage'], 'getItem' | 'setItem' | 'removeItem'>

/** `v` visitor id, `t` since when, `c` last signed-in customer, `e` when the embed last ran; times in Unix ms. */
export type Visitor = { v: string; t: number; c?: string | null; e?: number }

/**
 * `marketing`: whether it was allowed at the time; undefined while the visitor has not decided.
 * `since`: when the page's worker began, in Unix ms.
 */
export type Waiting = { event: WireEvent; marketing?: boolean; since: number }

const read = (storage: Storage, key: string): Promise<unknown> =>
  storage.getItem(key).then(value => JSON.parse(value || 'null'))

const write = (storage: Storage, key: string, value?: unknown): Promise<void> =>
  (value ? storage.setItem(key, JSON.stringify(value)) : storage.removeItem(key)).catch(() => {})

/** The newest fifty, each once. @throws when they are none of ours */
export const bounded = (list: readonly Waiting[]): Waiting[] =>
  [...new Map(list.map(waiting => [waiting.event.id, waiting])).values()].slice(-MOST_EVENTS)

export const readWaiting = (storage: Storage): Promise<Waiting[]> =>
  read(storage, WAITING)
    .then(list => bounded(list as Waiting[]))
    .catch(() => [])

export const writeWaiting = (storage: Storage, list: readonly Waiting[]): Promise<void> =>
  write(storage, WAITING, list[0] && list)

export const readVisitor = (storage: Storage): Promise<Partial<Visitor>> =>
  read(storage, VISITOR).then(Object, () => ({}))

const isVisitor = (known: Partial<Visitor>): known is Visitor =>
  typeof known.v === 'string' &&
  /^[\w.-]{1,200}$/.test(known.v) &&
  Date.now() - Number(known.t) < THIRTEEN_MONTHS

/**
 * The visitor as known, or a new one: after 13 months, and for another customer than before, because two people
 * share this browser.
 * @param customer the signed-in customer's id, or null
 */
export function recogniseVisitor(
  storage: Storage,
  known: Partial<Visitor>,
  customer: string | null,
): Promise<Visitor> {
  if (isVisitor(known) && known.c === (customer || known.c)) return Promise.resolve(known)
  const visitor = isVisitor(known) && !known.c ? known : { v: crypto.randomUUID(), t: Date.now() }
  return (
    write(storage, VISITOR, Object.assign(visitor, { c: customer }))
      .then(() => readVisitor(storage))
      // The embed may have written at the same moment: what is there by now is right for both.
      .then(stored => (isVisitor(stored) ? stored : visitor))
  )
}

/** Deletes everything. */
export function forget({
  localStorage,
  sessionStorage,
}: Pick<Browser, 'localStorage' | 'sessionStorage'>): void {
  write(localStorage, VISITOR)
  write(localStorage, WAITING)
  write(sessionStorage, WAITING)
}
