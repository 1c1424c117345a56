/** What is kept in the browser, only with consent: the visitor, the cart as last seen, events not yet sent. */
import { facts } from './facts.ts'

const VISITOR = 'sluice'
export const WAITING = 'sluice:e:'
const THIRTEEN_MONTHS = 396 * 24 * 60 * 60 * 1000

/**
 * `v` visitor id, `t` since when, `c` last signed-in customer, `e` when this script last ran, by which the web
 * pixel knows that the page reports its views itself; times in Unix ms.
 */
type Visitor = { v: string; t: number; c?: string | null; e: number }

/** @returns undefined when there is none, or it cannot be read */
export function read<T>(key: string): T | undefined {
  try {
    return JSON.parse(localStorage[key])
  } catch {}
}

export function write(key: string, value: unknown): void {
  localStorage[key] = JSON.stringify(value)
}

export const keys = (prefix: string) =>
  Object.keys(localStorage)
    .filter(key => key.startsWith(prefix))
    .sort()

export const visitor = () => read<Visitor>(VISITOR)

/** Begins anew after 13 months, and for another customer than before: two people share this browser. */
export function recogniseVisitor(): void {
  const { customer } = facts
  const e = Date.now()
  let known = visitor()
  if (!known || e - known.t > THIRTEEN_MONTHS || (customer && known.c && known.c !== customer)) {
    if (known) forget()
    known = { v: crypto.randomUUID(), t: e, e }
  }
  write(VISITOR, { ...known, c: customer ?? known.c, e: keys(WAITING)[0] ? known.e : e })
}

export function remove(keys: string[]): void {
  for (const key of keys) delete localStorage[key]
}

export const forget = () => remove(keys(VISITOR))
