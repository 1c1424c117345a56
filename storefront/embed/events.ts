/**
 * Events on their way: held in memory until the visitor decides, then stored one by one, so that two tabs never
 * overwrite each other's, and sent in batches until an answer says that sending again is pointless.
 */
import { isUndecided, marketing, mayCollect } from './consent.ts'
import { facts } from './facts.ts'
import { safely } from './safely.ts'
import { keys, read, remove, visitor, WAITING, write } from './store.ts'

const MOST = 50
/** Characters, in bytes less than 64 KiB: more is refused by browsers while a page closes, and by the app. */
const LARGEST = 30_000

type Event = { id: string; type: string; at: Date; url: string; data: unknown }

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
/** One batch at a time. */
let busy = false
let timer: ReturnType<typeof setTimeout>

/** Makes an event of what happens now, when the merchant wants its type. */
export function emit(type: string, data: unknown): void {
  if (!facts.on[type]) return
  held.push({
    id: crypto.randomUUID(),
    type,
    at: new Date(),
    url: location.href,
    data,
  })
  settle()
}

/** Keeps what is held when that is allowed, and drops it when it is not. The oldest go first. */
export function settle(): void {
  if (mayCollect())
    for (const event of held.splice(0)) {
      // By time and id; at the end the consent to marketing at the time of the event.
      write(WAITING + +event.at + event.id + +marketing(), event)
    }
  else held = isUndecided() ? held.slice(-MOST) : []
  remove(keys(WAITING).slice(0, -MOST))
  clearTimeout(timer)
  timer = setTimeout(flush, 300)
}

/** Sends what waits and is not on its way. */
export const flush = safely(async () => {
  let batch = keys(WAITING)
  // One batch carries one consent.
  const consent = batch[0]?.slice(-1) as string
  batch = batch.filter(key => key.endsWith(consent))
  const isSmall = `${batch.map(key => localStorage[key])}`.length < LARGEST
  if (busy || !consent || !mayCollect()) return
  batch = batch.slice(0, isSmall ? MOST : 1)
  busy = true
  const status = await post(
    facts.path,
    {
      visitorId: visitor()?.v,
      sentAt: new Date(),
      consent: { analytics: true, marketing: marketing() && consent > '0' },
      events: batch.map(read),
    },
    isSmall,
  ).then(
    answer => answer.status,
    () => 0,
  )
  busy = false
  // Taken; or not as agreed, too large: sending again would change nothing. Whatever else is said, perhaps not by the
  // app, may be said of this moment only.
  if ([202, 400, 413].includes(status)) {
    remove(batch)
    flush()
  }
})
