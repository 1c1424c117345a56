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
 * `by`: whose it is, of what comes from storage: the visitor's id, or the customer's of a visitor who had none yet.
 */
export type Waiting = { event: WireEvent; marketing?: boolean; since: number; by?: string | null }

const read = (storage: Storage, key: string): Promise<unknown> =>
  storage.getItem(key).then(value => JSON.parse(value || 'null'))

const write = (storage: Storage, key: string, value?: unknown): Promise<void> =>
  (value ? storage.setItem(key, JSON.stringify(value)) : storage.removeItem(key)).catch(() => {})

/** The newest fifty, each once. @throws when they are none of ours */
export const bounded = (list: readonly Waiting[]): Waiting[] =>
  [...new Map(list.map(waiting => [waiting.event.id, waiting])).values()].slice(-MOST_EVENTS)

export const readWaiting = (storage: Storage): Promise<Waiting[]> =>
  read(storage, WAITING)
    .then(bounded as (list: unknown) => Waiting[])
    .catch(() => [])

/** @param by whose they are, where they do not say so yet */
export const writeWaiting = (
  storage: Storage,
  list: readonly Waiting[],
  by: string | null | undefined,
): Promise<void> => write(storage, WAITING, list[0] && list.map(waiting => Object.assign({ by }, waiting)))

export const readVisitor = (storage: Storage): Promise<Partial<Visitor>> =>
  read(storage, VISITOR).then(Object, () => ({}))

/**
 * The visitor as known; nothing when it is to be another: after 13 months, and for another customer than before,
 * because two people share this browser.
 * @param customer the signed-in customer's id, or null
 */
export const stillVisitor = (known: Partial<Visitor>, customer: string | null): Partial<Visitor> =>
  /^"[\w.-]{1,200}"$/.test(JSON.stringify(known.v)) &&
  Date.now() - (known.t as number) < THIRTEEN_MONTHS &&
  (!customer || known.c === (known.c && customer))
    ? known
    : {}

/**
 * The visitor, made when there is none, with the customer who has signed in.
 * @param known what `stillVisitor` says
 */
export function recogniseVisitor(
  storage: Storage,
  known: Partial<Visitor>,
  customer: string | null,
): Promise<Partial<Visitor>> {
  if (known.v && known.c === (customer || known.c)) return Promise.resolve(known)
  const visitor = Object.assign(known.v ? known : { v: crypto.randomUUID(), t: Date.now() }, { c: customer })
  return (
    write(storage, VISITOR, visitor)
      .then(() => readVisitor(storage))
      // The embed may have written at the same moment: what is there by now is right for both.
      .then(stored => (stillVisitor(stored, customer).v ? stored : visitor))
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
