/**
 * Events on their way: held in memory until the visitor decides, then stored one by one, so that two tabs never
 * overwrite each other's, and sent in batches until an answer says that sending again is pointless.
 */
import { isUndecided, marketing, mayCollect } from './consent.ts'
import { facts, tell } from './facts.ts'
import { safely } from './safely.ts'
import { keys, read, remove, visitor, write } from './store.ts'

const WAITING = 'sluice:e:'
const MOST = 50
/** Characters, in bytes less than 64 KiB: more is refused by browsers while a page closes, and by the app. */
const LARGEST = 30_000

type Event = { id: string; type: string; at: string; url: string; data: unknown }

/** Marks this script's own change of the cart, which is none of the visitor's. */
export const OWN = 'sluice'

export const post = (url: string, body: unknown, keepalive = true) =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    keepalive,
  })

let held: Event[] = []
let onTheirWay: string[] = []

/** Makes an event of what happens now, when the merchant wants its type. */
export function emit(type: string, data: unknown): void {
  if (!(facts.on[type] ?? facts.on.cart)) return
  held.push({
    id: crypto.randomUUID(),
    type,
    at: new Date().toISOString(),
    url: location.href.slice(0, 2048),
    data,
  })
  tell(type, data)
  settle()
}

/** Keeps what is held when that is allowed, and drops it when it is not. The oldest go first. */
export function settle(): void {
  if (isUndecided()) held = held.slice(-MOST)
  else
    for (const event of held.splice(0)) {
      // By time and id; at the end the consent to marketing at the time of the event.
      if (mayCollect()) write(WAITING + event.at + event.id + +marketing(), event)
    }
  remove(keys(WAITING).slice(0, -MOST))
  setTimeout(flush, 300)
}

/** Sends what waits and is not on its way. */
export const flush = safely(async () => {
  let batch = keys(WAITING).filter(key => !onTheirWay.includes(key))
  // One batch carries one consent.
  const consent = batch[0]?.slice(-1) as string
  batch = batch.filter(key => key.endsWith(consent))
  const isSmall = batch.map(key => localStorage[key]).join().length < LARGEST
  if (!isSmall) batch = batch.slice(0, 1)
  if (!batch[0] || !mayCollect()) return
  onTheirWay.push(...batch)
  const status = await post(
    facts.path,
    {
      visitorId: visitor()?.v,
      sentAt: new Date().toISOString(),
      consent: { analytics: true, marketing: consent > '0' && marketing() },
      events: batch.map(read),
    },
    isSmall,
  ).then(
    answer => answer.status,
    () => 0,
  )
  tell(status, batch)
  onTheirWay = onTheirWay.filter(key => !batch.includes(key))
  // Taken, or refused for good; what is too much now or meets a fault is sent again.
  if (status && status < 429) {
    remove(batch)
    flush()
  }
})
