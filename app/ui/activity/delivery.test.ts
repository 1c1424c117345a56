import { createElement } from 'react'
import { I18nextProvider } from 'react-i18next'
import { describe, expect, it } from 'vitest'
import type { ShownAttempt, ShownDelivery } from '../../runtime/merchant-activity.ts'
import { consoleTexts } from '../support/texts.ts'
import { drawn, textOf } from '../testing.ts'
import { DeliveryCard } from './delivery.tsx'

const attempt = (number: number): ShownAttempt => ({
  number,
  step: 'tiny',
  log: null,
  outcome: 'delivered',
  startedAt: '2026-11-20T16:41:00.000Z',
  durationMs: 203,
  request: '{}',
  response: '{}',
  status: 200,
  error: null,
  message: null,
})
const delivery = (attempts: ShownAttempt[]): ShownDelivery => ({
  ...{ vendor: 'tiny', name: 'Tiny', outcome: 'delivered', reason: null, message: null },
  ...{
    nextBy: null,
    nextWhy: null,
    nextAttemptAt: null,
    waitsUntil: null,
    canTryNow: false,
    canReplay: false,
    skipsAgain: null,
    acceptsNow: false,
  },
  ...{
    hold: null,
    heldSince: null,
    stop: null,
    deliveredBefore: false,
    sentInstead: null,
    stopped: [],
    stops: [],
    again: [],
    needs: null,
    late: null,
    attempts,
  },
})
const shownAs = { eventAt: (event: string) => `/app/activity/${event}`, visited: true, busy: false }
const told = (...numbers: number[]) =>
  textOf(drawn(createElement(DeliveryCard, { delivery: delivery(numbers.map(attempt)), ...shownAs })))

it('of an attempt with several requests, each is told which it is', () => {
  const text = told(1, 1, 2)
  expect(text).toContain('Attempt 1, request 1 of 2: delivered')
  expect(text).toContain('Attempt 1, request 2 of 2: delivered')
  expect(text).toContain('Attempt 2: delivered')
})

it('what stopped it before the hold was not told, and is told before it', () => {
  const [earlier, later] = ['2026-11-20T08:00:00.000Z', '2026-11-20T12:00:00.000Z']
  const stop = {
    ...{ kind: 'attention' as const, until: null, message: null, by: null },
    ...{ refused: true, switchedBy: 'merchant' as const },
  }
  const held: ShownDelivery = {
    ...delivery([]),
    ...{ outcome: 'held', reason: 'on_hold' },
    hold: { reason: 'They count twice.', since: '2026-11-20T10:00:00.000Z', until: null, off: true },
    stops: [
      { ...stop, from: earlier },
      { ...stop, kind: 'off', from: later },
    ],
  }
  const text = textOf(
    drawn(
      createElement(DeliveryCard, {
        ...{ delivery: held, ...shownAs },
        showHold: (_, { since }) => `held ${since}; `,
        showStops: ({ stops }) => stops.map(({ kind, from }) => `${kind} ${from}; `).join(''),
      }),
    ),
  )
  expect(text).toContain(`attention ${earlier}; held 2026-11-20T10:00:00.000Z; off ${later}; `)
})

it('of many attempts the last are shown, and a button for the others', () => {
  expect(told(1, 2, 3, 4, 5, 6)).not.toContain('earlier')
  const many = told(1, 2, 3, 4, 5, 6, 7)
  expect(many).toContain('Show 4 earlier entries')
  expect(many).not.toContain('Attempt 4:')
  expect(many).toContain('Attempt 5: delivered')
})

it('the status that came back is told without opening what came back', () => {
  expect(told(1)).toContain('What came back (masked): status 200')
})

it('between its attempts it is told who sent it again, when and why: attempts 2 and 3 looked like retries', () => {
  const sent: ShownDelivery = {
    ...delivery([1, 2, 3].map(attempt)),
    again: [
      { at: '2026-11-20T17:00:00.000Z', by: 'you', who: null, reason: null, alone: false, before: 1 },
      { at: null, by: 'support', who: null, reason: 'They lost it.', alone: true, before: 3 },
    ],
  }
  const text = textOf(drawn(createElement(DeliveryCard, { delivery: sent, ...shownAs })))
  const order = [
    ...['Attempt 1:', 'You sent it again on Nov 20, 2026, 17:00:00 UTC.', 'It was sent with others'],
    ...['Attempt 2:', 'Attempt 3:', 'Sluice support sent it again.', 'Reason: They lost it.'],
  ].map(part => text.indexOf(part))
  expect(order).not.toContain(-1)
  expect(order).toEqual(order.toSorted((a, b) => a - b))
})

it('of what waits because its tool rests, it is told why that rests', () => {
  const why = 'half or more of the requests of the last minute failed'
  const waiting: ShownDelivery = {
    ...{ ...delivery([]), outcome: 'waiting', nextBy: 'lane', nextAttemptAt: '2026-11-20T16:41:00.000Z' },
    nextWhy: { why, everyShop: true },
  }
  const text = textOf(drawn(createElement(DeliveryCard, { delivery: waiting, ...shownAs })))
  expect(text).toContain(`it is sent at Nov 20, 2026, 16:41:00 UTC. Reason: ${why}. This concerns every shop`)
})

it.each<[ShownDelivery['outcome'], string, string, string?]>([
  ['skipped', 'unchanged', 'The vendor already has exactly this.', 'The tool already has exactly this.'],
  ['failed', 'rejected', 'Tiny rejected this: unknown product "Garden tool set".'],
  ['held', 'on_hold', 'The tool shed counts twice.'],
])('in the console of what is %s for %s is read: %s', (outcome, reason, read, message = read) => {
  const told: ShownDelivery = { ...delivery([]), outcome, reason, message }
  const card = createElement(DeliveryCard, { delivery: told, ...shownAs })
  const text = textOf(drawn(createElement(I18nextProvider, { i18n: consoleTexts() }, card)))
  expect(text).toContain(read.replaceAll('"', '&quot;'))
})

it.each([
  ['held', null, 'when it goes on it will be skipped: No consent.'],
  ['waiting', 'person', 'when it goes on it will be skipped: No consent.'],
  ['waiting', 'now', 'it will be skipped: No consent.'],
  [
    'waiting',
    'lane',
    'the tool is paused until Nov 20, 2026, 16:41:00 UTC. Reason: it is busy. Then it will be skipped: No consent.',
  ],
] as const)(
  'what is %s (%s) was promised as a delivery though its consent forbids it',
  (outcome, nextBy, said) => {
    const at = nextBy === 'lane' ? '2026-11-20T16:41:00.000Z' : null
    const waiting: ShownDelivery = {
      ...{ ...delivery([]), outcome, nextBy, nextAttemptAt: at, skipsAgain: 'no_consent' },
      nextWhy: nextBy === 'lane' ? { why: 'it is busy', everyShop: false } : null,
    }
    const text = textOf(drawn(createElement(DeliveryCard, { delivery: waiting, ...shownAs })))
    expect(text).toContain(said)
    expect(text).not.toMatch(/it is sent|goes out/)
  },
)

describe('of what waited', () => {
  const from = '2026-11-20T16:00:00.000Z'
  const held = {
    kind: 'hold',
    from,
    until: '2026-11-20T16:01:22.000Z',
    message: 'The tool counts twice.',
    switchedBy: 'support',
    refused: false,
  } as const
  const card = (by: string | null) => {
    const waited: ShownDelivery = { ...delivery([attempt(1)]), stopped: [{ ...held, by }] }
    return createElement(DeliveryCard, { delivery: waited, ...shownAs })
  }
  const said = 'from Nov 20, 2026, 16:00:00 UTC until Nov 20, 2026, 16:01:22 UTC.'

  it('a merchant reads until when support held it, and why', () => {
    const text = textOf(drawn(card(null)))
    expect(text).toContain(
      `Why it waited: Sluice support had it on hold ${said} Reason: The tool counts twice.`,
    )
    expect(text).not.toMatch(/By /)
  })

  it('support reads who it was too', () => {
    const text = textOf(
      drawn(createElement(I18nextProvider, { i18n: consoleTexts() }, card('jane@example.com'))),
    )
    expect(text).toContain(`had it on hold ${said} By jane@example.com Reason: The tool counts twice.`)
  })

  it.each([
    ['you', null, 'You had switched it off'],
    ['support', null, 'Support had switched it off'],
    ['merchant', null, 'The merchant had switched it off'],
    ['staff', 'jane@example.com', 'jane@example.com had switched it off'],
  ] as const)('that it was off is told with whose doing it was: %s', (switchedBy, by, words) => {
    const off = { ...held, kind: 'off', message: null, by, switchedBy } as const
    const told = createElement(DeliveryCard, {
      delivery: { ...delivery([attempt(1)]), stopped: [off] },
      ...shownAs,
    })
    const isConsole = switchedBy === 'merchant' || switchedBy === 'staff'
    const shown = isConsole ? createElement(I18nextProvider, { i18n: consoleTexts() }, told) : told
    expect(textOf(drawn(shown))).toContain(`${words} ${said}`)
    expect(textOf(drawn(shown))).not.toContain('By jane')
  })
})

it.each([false, true])(
  'of what support holds it is told whether the merchant has switched the tool off besides: %s',
  off => {
    const hold = { reason: 'It counts twice.', since: '2026-11-20T16:00:00.000Z', until: null, off }
    const held: ShownDelivery = { ...delivery([]), outcome: 'held', reason: 'on_hold', hold }
    const text = textOf(drawn(createElement(DeliveryCard, { delivery: held, ...shownAs })))
    expect(text.includes('You have switched Tiny off as well: switch it on for that.')).toBe(off)
  },
)

it('says in a line what the tool needs allowed and how it stands, with the rule where it is not all a yes', () => {
  const said = (needs: ShownDelivery['needs'], visited = true) =>
    textOf(drawn(createElement(DeliveryCard, { ...shownAs, visited, delivery: { ...delivery([]), needs } })))
  const marketing = { purpose: 'marketing', at: null } as const
  expect(said([{ ...marketing, stands: 'allowed' }])).toContain('Tiny needs consent to: Marketing (allowed).')
  expect(said([{ ...marketing, stands: 'allowed' }])).not.toContain('only with that consent')
  expect(said([{ ...marketing, stands: 'unanswered' }])).toContain(
    'browser told of it: it is sent only with that consent.',
  )
  expect(said([{ ...marketing, stands: 'unknown' }], false)).toContain(
    'Marketing (not known). Shopify told of it, not a visitor',
  )
  const withdrawn = { ...marketing, stands: 'withdrawn', at: '2026-11-20T16:41:00.000Z' } as const
  expect(said([withdrawn])).toContain('Marketing (withdrawn since, last on Nov 20, 2026, 16:41:00 UTC)')
  expect(said([])).toContain('This event does not wait for a visitor')
  expect(said(null)).not.toContain('consent')
})

it('says that it was first tried late, and what of it was is not kept', () => {
  const said = (late: ShownDelivery['late']) =>
    textOf(drawn(createElement(DeliveryCard, { ...shownAs, delivery: { ...delivery([attempt(1)]), late } })))
  expect(said({ ms: 23_400, mayWaitFor: null })).toContain('First tried 23 sec after it was taken up.')
  expect(said({ ms: 300_000, mayWaitFor: 'order' })).toContain(
    'First tried 5 min after it was taken up. It waited for its order',
  )
  expect(said(null)).not.toContain('First tried')
})
