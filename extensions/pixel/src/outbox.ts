/**
 * Events on their way: each is stored when it comes, because the page may be left at any moment, and sent in batches
 * until an answer says that sending again is pointless. An event keeps its id, so a resend is the same event.
 */
import type { ExtensionApi, RegisterInit } from '@shopify/web-pixels-extension'
import { safely } from './safely.ts'
import { openStore } from './stored.ts'
import { digits } from './values.ts'
import { joined, nextBatch, type Waiting } from './waiting.ts'
import { isCheckout, type WireEvent } from './wire.ts'

const DELAY_MS = 1000
/** So much before this worker the theme's script may have begun on the same page. */
const EARLIER_MS = 10_000

export type Outbox = {
  add(event: WireEvent | undefined): void
  /** What the visitor allows from now on. */
  obey(privacy: RegisterInit['customerPrivacy']): void
}

/**
 * Stores and sends nothing before analytics is allowed, and drops what comes until then: Shopify does not say whether
 * a visitor refused or has yet to decide, and does not start a pixel before it may run.
 */
export function openOutbox({ browser, init, settings }: ExtensionApi): Outbox {
  const { address, shop, key } = settings
  const customer = digits(init.data.customer?.id)
  const since = Date.now()
  const store = openStore(browser.localStorage, () => mayCollect)
  const onTheirWay = new Set<string>()
  /** Taken, refused for good, or told by the theme's script. */
  const over = new Set<string>()
  let mayCollect = false
  let mayMarket = false
  let held: Waiting[] = []
  let timer: ReturnType<typeof setTimeout> | undefined

  const open = (waiting: Waiting[]) => waiting.filter(({ event }) => !over.has(event.id))

  /** Other tabs keep theirs at the same place. */
  const keep = safely(async () => {
    const stored = await store.readWaiting()
    await store.writeWaiting(open(joined(stored, held)))
  })

  const flush = safely(async () => {
    stopTimer()
    const visitor = await store.recogniseVisitor(customer)
    const stored = await store.readWaiting()
    if (!visitor || !mayCollect) return

    held = joined(stored, held)
    if (!held[0]) return
    for (const { event, since } of held) {
      if (!isCheckout(event.type) && (visitor.e ?? 0) >= since - EARLIER_MS) over.add(event.id)
    }
    held = open(held)

    const batch = nextBatch(held.filter(({ event }) => !onTheirWay.has(event.id)))
    for (const { event } of batch) onTheirWay.add(event.id)
    const isOver = batch[0] && (await post(visitor.v, batch))
    for (const { event } of batch) {
      onTheirWay.delete(event.id)
      if (isOver) over.add(event.id)
    }
    held = open(held)
    await keep()
    if (isOver) flush()
  })

  /** @returns whether the server took the batch, or never will */
  async function post(visitorId: string, batch: Waiting[]): Promise<boolean> {
    const body = JSON.stringify({
      shop,
      key,
      visitorId,
      sentAt: new Date().toISOString(),
      consent: { analytics: true, marketing: batch[0]?.marketing && mayMarket },
      events: batch.map(({ event }) => event),
    })
    try {
      const { ok, status } = await fetch(address, {
        method: 'POST',
        keepalive: true,
        // JSON, under a name for which browsers need not ask the server beforehand.
        headers: { 'content-type': 'text/plain' },
        body,
      })
      return ok || [400, 401, 413].includes(status)
    } catch {
      return false
    }
  }

  function flushSoon(): void {
    timer ??= setTimeout(flush, DELAY_MS)
  }

  function stopTimer(): void {
    clearTimeout(timer)
    timer = undefined
  }

  function obey({ analyticsProcessingAllowed, marketingAllowed }: RegisterInit['customerPrivacy']): void {
    mayCollect = analyticsProcessingAllowed === true
    mayMarket = marketingAllowed === true
    if (mayCollect) flushSoon()
    else {
      held = []
      stopTimer()
      safely(store.forget)()
    }
  }

  obey(init.customerPrivacy)
  return {
    obey,
    add(event) {
      if (!event || !mayCollect) return
      held = joined(held, [{ event, marketing: mayMarket, since }])
      keep()
      if (isCheckout(event.type)) flush()
      else flushSoon()
    },
  }
}
