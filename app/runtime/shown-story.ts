/** An event's story as pages show it: as JSON, and in the words of who reads it. Pure. */
import { attentionReason } from '../delivery/outcome.ts'
import { type Amount, amountOf } from '../events/amount.ts'
import { outcomeOf } from '../insights/activity.ts'
import type { ActivityOutcome } from '../insights/activity-scan.ts'
import type { AttemptStory, DeliveryStory, Story } from '../insights/explain.ts'
import type { SentAgain } from '../insights/sendings.ts'
import type { Stopped } from '../insights/stopped.ts'
import { isVisit } from '../vendors/purposes.ts'
import { nameOf } from '../vendors/registry.ts'
import type { Explained, Identity } from './explained.ts'
import { type ShownHold, type ShownStop, shownHold, shownStop } from './merchant-vendors.ts'
import type { Needed } from './needed.ts'

export type { Identity, ResolvedPerson } from './explained.ts'
export type { Needed } from './needed.ts'

/** As JSON, and with the vendor's name; requests and answers are masked, as text with their keys in order. */
export type ShownAttempt = Omit<AttemptStory, 'startedAt' | 'request' | 'response'> & {
  startedAt: string
  request: string
  response: string | null
  /** Of the answer; null: there was none. */
  status: number | null
}
/** `by`: who of support it was, in the console alone. `switchedBy`: who had switched it off, if that was it, as who reads it calls them. */
export type ShownStopped = Omit<Stopped, 'from' | 'until'> & {
  /** Whether it waits because the vendor refused its credentials. */
  refused: boolean
  from: string
  until: string | null
  switchedBy: 'you' | 'support' | 'merchant' | 'staff'
}
/** `by`, `who`: as `switchedBy` and `by` of what is stopped; `somebody`: it is not known who. */
export type ShownAgain = Omit<SentAgain, 'at' | 'by' | 'sentBy'> & {
  at: string | null
  by: ShownStopped['switchedBy'] | 'somebody'
  who: string | null
}
export type ShownDelivery = Pick<
  DeliveryStory,
  | 'vendor'
  | 'reason'
  | 'message'
  | 'nextBy'
  | 'nextWhy'
  | 'canTryNow'
  | 'deliveredBefore'
  | 'sentInstead'
  | 'late'
> & {
  name: string
  outcome: ActivityOutcome
  nextAttemptAt: string | null
  waitsUntil: string | null
  /** Support's, of what it holds. `off`: the merchant has switched it off besides. */
  hold: (ShownHold & { off: boolean }) | null
  /** Since when this one waits for the end of it. */
  heldSince: string | null
  /** Why it would wait if it were sent again; null: it would not. */
  stop: ShownStop | null
  /** Whether it can be sent again by hand. */
  canReplay: boolean
  /** Why it would be skipped if it were sent again now, or went on, as far as planning tells; null: nothing known. */
  skipsAgain: string | null
  /** Whether it was left out for want of a consent to marketing that has been given since, so that it can be sent now. */
  acceptsNow: boolean
  /** When it was stopped while this waited, but for what this waits for now. */
  stopped: ShownStopped[]
  /** What stops its vendor now, but for support's hold. */
  stops: ShownStopped[]
  /** What it needs a visitor to have allowed; null: not known. None: nothing. */
  needs: Needed[] | null
  /** Each time it was sent again, in order. */
  again: ShownAgain[]
  attempts: ShownAttempt[]
}
export type ShownStory = {
  /** What the event is about, such as an order's name. */
  about: string | null
  /** `amount`: what it comes to, in its own currency. */
  event: Omit<Story['event'], 'data'> & { data: string; amount: Amount | null }
  pixelVisitor: Story['pixelVisitor']
  isErased: Story['isErased']
  ownWord: { acceptsMarketing: boolean; at: string | null } | null
  receipt: { topic: string; webhookId: string; receivedAt: string } | null
  /** Its request lay in the spool; null: not for long, or not at all. */
  unread: { from: string; until: string } | null
  identity: Identity
  /** Whether a browser was asked for consent: a visit, and no notice of Shopify's. */
  visited: boolean
  deliveries: ShownDelivery[]
  notWanted: string[]
}

export type Reader = 'merchant' | 'support'

export const REPLAYABLE = ['delivered', 'skipped', 'dead'] as const

/** What nobody of support did was done in the merchant's pages. */
const DONE_BY = {
  merchant: { shop: 'you', staff: 'support' },
  support: { shop: 'merchant', staff: 'staff' },
} as const

/** Of staff without a name the console says that it was support. */
function sender(sentBy: SentAgain['sentBy'], by: string | null, reader: Reader): ShownAgain['by'] {
  if (sentBy === null) return 'somebody'
  return sentBy === 'staff' && by === null ? 'support' : DONE_BY[reader][sentBy]
}

/** @param reader who reads it: merchants are not told who of support did something */
export function shown(
  {
    event,
    pixelVisitor,
    isErased,
    ownWord,
    receipt,
    unread,
    identity,
    needs,
    deliveries,
    notWanted,
  }: Explained,
  reader: Reader,
): Omit<ShownStory, 'about'> {
  return {
    event: { ...event, data: JSON.stringify(event.data, null, 2), amount: amountOf(event.data) },
    pixelVisitor,
    isErased,
    ownWord: ownWord && { ...ownWord, at: ownWord.at?.toISOString() ?? null },
    receipt: receipt && {
      topic: receipt.topic,
      webhookId: receipt.webhookId,
      receivedAt: receipt.receivedAt.toISOString(),
    },
    unread: unread && { from: unread.from.toISOString(), until: unread.until.toISOString() },
    identity,
    visited: isVisit(event),
    deliveries: deliveries.map(delivery => ({
      ...shownDelivery(delivery, reader, event.source === 'test'),
      needs: needs[delivery.vendor] ?? null,
    })),
    notWanted: notWanted.map(nameOf),
  }
}

function shownDelivery(
  delivery: DeliveryStory,
  reader: Reader,
  isTest: boolean,
): Omit<ShownDelivery, 'needs'> {
  const {
    vendor,
    state,
    reason,
    message,
    nextBy,
    nextWhy,
    canTryNow,
    nextAttemptAt,
    waitsUntil,
    hold,
    heldSince,
    lane,
    deliveredBefore,
    sentInstead,
    late,
    stopped,
    stops,
    again,
    attempts,
  } = delivery
  const shownStopped = ({ from, until, by, ...stop }: Stopped): ShownStopped => ({
    ...{ ...stop, from: from.toISOString(), until: until?.toISOString() ?? null },
    refused: stop.kind === 'attention' && attentionReason(stop.message ?? '') === 'refused',
    by: reader === 'support' ? by : null,
    switchedBy: DONE_BY[reader][by === null ? 'shop' : 'staff'],
  })
  const stop = shownStop(lane)
  return {
    vendor,
    name: nameOf(vendor),
    outcome: outcomeOf(state),
    reason,
    message,
    nextBy,
    nextWhy,
    canTryNow,
    nextAttemptAt: nextAttemptAt?.toISOString() ?? null,
    waitsUntil: waitsUntil?.toISOString() ?? null,
    hold: hold && { ...shownHold(hold), off: lane?.enabled === false },
    heldSince: heldSince?.toISOString() ?? null,
    stop,
    // The tool has what is newer, or keeps no test while it is stopped: sent again, it would be left out again.
    canReplay:
      REPLAYABLE.some(each => each === state) &&
      !(reason === 'superseded' && sentInstead !== null) &&
      !(isTest && stop),
    ...{ skipsAgain: null, acceptsNow: false },
    deliveredBefore,
    sentInstead,
    late,
    stopped: stopped.map(shownStopped),
    stops: stops.map(shownStopped),
    again: again.map(({ at, sentBy, by, ...each }) => ({
      ...{ ...each, at: at?.toISOString() ?? null, by: sender(sentBy, by, reader) },
      who: reader === 'support' ? by : null,
    })),
    attempts: attempts.map(({ startedAt, request, response, ...attempt }) => ({
      ...attempt,
      startedAt: startedAt.toISOString(),
      request: JSON.stringify(request, null, 2),
      response: response === null ? null : JSON.stringify(response, null, 2),
      status: response?.status ?? null,
    })),
  }
}
