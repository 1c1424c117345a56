/**
 * Events on their way: held in memory until the visitor decides, then kept by the browser until an answer says that
 * sending again is pointless. An event keeps its id, so a resend is the same event.
 */
import type { ExtensionApi, RegisterInit } from '@shopify/web-pixels-extension'
import {
  bounded,
  forget,
  readVisitor,
  readWaiting,
  recogniseVisitor,
  stillVisitor,
  type Visitor,
  type Waiting,
  writeWaiting,
} from './stored.ts'
import { digits, fitting, of } from './values.ts'
import { isCheckout, type WireEvent } from './wire.ts'

const DELAY_MS = 1000
/** So much before this worker the embed of the same page may have begun. */
const EMBED_EARLIER_MS = 10_000
/** Characters of a batch, in bytes less than the 64 KiB that browsers allow for `keepalive`, and the server at all. */
const LARGEST = 30_000

type Privacy = RegisterInit['customerPrivacy']
/** As `webPixelCreate` set them (shopify.extension.toml). */
type Settings = { address: string; shop: string; key: string }

export type Outbox = {
  add(event: WireEvent): void
  /** The visitor has made a choice. */
  obey(privacy: Privacy): void
}

/** Sends nothing and stores nothing before analytics is allowed. Never throws. */
export function openOutbox({
  browser,
  init,
  settings,
}: Pick<ExtensionApi, 'browser' | 'init' | 'settings'>): Outbox {
  const { localStorage, sessionStorage } = browser
  const { address, shop, key } = settings as Settings
  const customer = digits(of(init.data.customer).id)
  const since = Date.now()

  let held: Waiting[] = []
  let mayCollect = false
  let mayMarket = false
  let isRefused = false
  /** Counts withdrawals: what began before one does not go on after it. */
  let era = 0
  let visitor: Partial<Visitor> = {}
  /** The id that the browser kept when it was last looked at. */
  let kept: string | undefined
  /** Ids, also for where the browser does not let go of what it keeps. */
  const taken = new Set<string>()
  let ready: Promise<unknown> = Promise.resolve()
  let turns = ready
  let timer: ReturnType<typeof setTimeout> | 0 | undefined

  /** What is still to be sent, and of this visitor: what somebody else left unsent in this browser is sent as nobody's. */
  const rest = (list: Waiting[]) =>
    bounded(
      list.filter(({ event, by }) => !taken.has(event.id) && (!by || by === visitor.v || by === customer)),
    )

  const leave = (storage: typeof localStorage, list: Waiting[]) =>
    writeWaiting(storage, list, visitor.v || customer)

  function meet(known: Partial<Visitor>): void {
    kept = known.v
    // Where the browser stores nothing, the page remembers.
    visitor = stillVisitor(kept ? known : visitor, customer)
  }

  /** `step`, unless the visitor withdraws before it is its turn. */
  function unlessWithdrawn<T>(step: (value: T) => unknown): (value: T) => unknown {
    const begun = era
    return value => begun === era && step(value)
  }

  /** Leaves what is held for the next page: this one may be left at any moment. */
  function keep(): void {
    ready.then(unlessWithdrawn(() => leave(sessionStorage, held)))
  }

  /** One timer, so that what was not taken is not sent again in the same second. */
  function soon(): void {
    timer = timer || setTimeout(flush, DELAY_MS)
  }

  function flush(): void {
    clearTimeout(timer)
    timer = 0
    turns = turns.then(send).catch(() => {})
  }

  function obey({ analyticsProcessingAllowed, marketingAllowed }: Privacy): void {
    // Events from before the choice are made with it.
    if (!mayCollect) for (const waiting of held) waiting.marketing = marketingAllowed
    mayCollect = analyticsProcessingAllowed
    mayMarket = marketingAllowed
    isRefused = false
    if (mayCollect) {
      ready = Promise.all([readVisitor(localStorage), readWaiting(sessionStorage)]).then(
        unlessWithdrawn(([known, carried]) => {
          meet(known)
          held = rest([...carried, ...held])
        }),
      )
      keep()
      soon()
    } else withdraw()
  }

  /** Nothing more until the visitor allows it again. */
  function withdraw(): void {
    era++
    held = []
    visitor = {}
    isRefused = true
    forget(browser)
  }

  /** Sends what waits, in as many batches as it takes. */
  const send = (): Promise<unknown> =>
    ready.then(
      () =>
        mayCollect &&
        Promise.all([readVisitor(localStorage), readWaiting(localStorage)]).then(unlessWithdrawn(sendBatch)),
    )

  /** @param failed what the browser kept, of this tab and of others */
  function sendBatch([known, failed]: [Partial<Visitor>, Waiting[]]): unknown {
    // Another tab has deleted the visitor: there it was withdrawn, and Shopify tells only the tab of it.
    if (kept && !known.v) return withdraw()
    meet(known)
    // The embed of the page tells these itself.
    held = held.filter(
      ({ event, since }) => isCheckout(event.type) || !((known.e || 0) >= since - EMBED_EARLIER_MS),
    )
    const waiting = rest([...failed, ...held])
    const batch = fitting(
      waiting.filter(({ marketing }) => marketing === of(waiting[0]).marketing),
      LARGEST,
    )
    if (!batch[0]) return keep()

    return recogniseVisitor(localStorage, visitor, customer).then(
      unlessWithdrawn(recognised => {
        visitor = recognised
        return post(batch).then(unlessWithdrawn(isTaken => settle(batch, isTaken)))
      }),
    )
  }

  /** @returns whether the batch is over and done with, taken or refused for good */
  const post = (batch: Waiting[]): Promise<boolean> =>
    fetch(address, {
      method: 'POST',
      keepalive: true,
      // A text is sent as text/plain, which asks for no preflight: https://fetch.spec.whatwg.org/#concept-bodyinit-extract
      body: JSON.stringify({
        shop,
        key,
        visitorId: visitor.v,
        sentAt: new Date(),
        consent: { analytics: true, marketing: mayMarket && of(batch[0]).marketing },
        events: batch.map(({ event }) => event),
      }),
    }).then(
      // After these the same batch would be answered the same. After 401 it may not: the app learns of a shop's new
      // address or key later than a page does.
      ({ ok, status }) => ok || [400, 413].includes(status),
      () => false,
    )

  /**
   * Goes on with the next batch, or leaves this one for the next flush, and in localStorage for the next page, whatever
   * becomes of this tab.
   */
  const settle = (batch: Waiting[], isTaken: boolean): Promise<unknown> =>
    readWaiting(localStorage).then(
      unlessWithdrawn(failed => {
        if (isTaken) for (const { event } of batch) taken.add(event.id)
        leave(localStorage, rest([...failed, ...batch]))
        held = rest(held)
        keep()
        return isTaken && send()
      }),
    )

  function add(event: WireEvent): void {
    if (isRefused) return
    held = bounded([...held, { event, marketing: mayMarket, since }])
    if (!mayCollect) return
    keep()
    if (isCheckout(event.type)) flush()
    else soon()
  }

  obey(init.customerPrivacy)
  // What is not allowed when a page begins may not have been decided yet.
  isRefused = false
  return { add, obey }
}
