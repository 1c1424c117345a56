import { describe, expect, it } from 'vitest'
import type { SentAgain } from '../insights/sendings.ts'
import type { Explained, ResolvedPerson } from '../runtime/explained.ts'
import { tell } from './story.ts'

type Lane = NonNullable<Explained['deliveries'][number]['lane']>

describe('tell', () => {
  const at = new Date('2026-11-20T12:00:00.000Z')
  const later = new Date('2026-11-20T14:00:00.000Z')
  const story: Explained = {
    event: {
      ...{ id: 'e1', type: 'order_created', source: 'webhook', dedupeKey: 'k', subject: 'order:1' },
      ...{ occurredAt: at.toISOString(), receivedAt: at.toISOString(), version: at.toISOString() },
      actor: {
        ...{ visitorId: null, customerId: '7', email: 'j…@example.com', phone: null, acceptsMarketing: null },
        consent: { analytics: true, marketing: false },
      },
      data: { orderId: '1' },
    },
    unread: null,
    pixelVisitor: null,
    isErased: false,
    ownWord: null,
    receipt: { webhookId: 'w1', topic: 'orders/create', triggeredAt: at, receivedAt: at },
    checkout: null,
    deliveries: [
      {
        ...{
          vendor: 'tiny',
          state: 'retry',
          reason: 'transient',
          message: 'Later.',
          waitsUntil: null,
          sentInstead: null,
          lane: null,
          deliveredBefore: false,
          nextAttemptAt: at,
        },
        next: 'as soon as the lane goes on',
        hold: null,
        heldSince: null,
        again: [],
        stopped: [
          {
            kind: 'hold',
            from: at,
            until: later,
            message: 'This vendor, not a tool.',
            by: 'jane@example.com',
          },
          { kind: 'attention', from: at, until: later, message: 'The tool refused it.', by: null },
        ],
        stops: [],
        nextBy: 'lane',
        nextWhy: null,
        canTryNow: true,
        late: null,
        attempts: [
          {
            ...{ number: 1, step: 'event', outcome: 'retry', message: 'Later.', log: 'ECONNREFUSED' },
            ...{ startedAt: at, durationMs: 12, response: null, error: 'ECONNREFUSED' },
            request: { method: 'POST', url: 'https://api.tiny.example/x', body: { a: 1 } },
          },
        ],
      },
    ],
    notWanted: ['idle'],
    identity: { kind: 'nobody', browser: false },
    needs: { tiny: [{ purpose: 'marketing', stands: 'unknown', at: null }] },
  }

  it('says when it was sent again, by whom and why, between the attempts', () => {
    const deliveries = story.deliveries.map(delivery => ({
      ...delivery,
      again: [
        { at, sentBy: 'shop', by: null, reason: null, alone: true, before: 0 },
        { at: null, sentBy: null, by: null, reason: null, alone: null, before: 1 },
        {
          at: later,
          sentBy: 'staff',
          by: 'jane@example.com',
          reason: 'It was lost.',
          alone: false,
          before: 1,
        },
      ] satisfies SentAgain[],
    }))
    const lines = tell({ ...story, deliveries }).split('\n')
    expect(lines.filter(line => /^ {2}(again|attempt|next)/.test(line))).toEqual([
      '  again      2026-11-20T12:00:00.000Z by the merchant',
      '  attempt 1  2026-11-20T12:00:00.000Z  event: retry (12 ms)',
      '  again      time not known',
      '  again      2026-11-20T14:00:00.000Z by jane@example.com, with others that a filter had found: It was lost.',
      '  next       as soon as the lane goes on',
    ])
  })

  it('says what came in, what was decided, sent and answered, and what happens next', () => {
    const text = tell(story)
    for (const part of [
      'order_created  e1',
      'orders/create  w1',
      'customer 7, j…@example.com',
      'analytics yes, marketing no; accepts e-mail marketing: not known',
      'tiny  retry: Later.',
      'POST https://api.tiny.example/x',
      '{"a":1}',
      'none: ECONNREFUSED',
      'next       as soon as the lane goes on',
      'idle  not sent',
      '  on hold    2026-11-20T12:00:00.000Z until 2026-11-20T14:00:00.000Z by jane@example.com: This vendor, not a tool.',
      '  stopped    2026-11-20T12:00:00.000Z until 2026-11-20T14:00:00.000Z: The vendor refused it.',
    ])
      expect(text).toContain(part)
  })

  it("names the visitor that an order's checkout gives it", () => {
    expect(tell({ ...story, pixelVisitor: 'v9' })).toContain("visitor v9 (from the checkout's pixel)")
  })

  it("says vendor where what is kept says tool, and a hold's reason as it was given", () => {
    const [delivery] = story.deliveries
    const told = (reason: string, message = 'Their tool is down.') => {
      const held = { ...delivery, state: 'held', reason, message }
      return tell({ ...story, deliveries: [held as Explained['deliveries'][number]] })
    }
    expect(told('refused')).toContain('tiny  held: Their vendor is down.')
    expect(told('on_hold')).toContain('tiny  held: Their tool is down.')
    const quoting = 'Tiny rejected this: unknown product "Garden tool set".'
    expect(told('rejected', quoting)).toContain(quoting)
  })

  it('says of what support holds by whom, since and until when, and what happens next', () => {
    const earlier = new Date('2026-11-20T10:00:00.000Z')
    const told = (until: Date | null, by: string | null, lane: Partial<Lane> = {}) => {
      const hold = { reason: 'It counts twice.', since: at, until, by }
      const deliveries = story.deliveries.map(each => ({
        ...each,
        state: 'held',
        next: null,
        hold,
        heldSince: later,
        stops: [{ kind: 'attention' as const, from: earlier, until: null, message: 'Wrong key.', by: null }],
        lane: { hold: null, enabled: true, attention: null, ...lane },
      }))
      return tell({ ...story, deliveries })
    }
    expect(told(null, null, { enabled: false })).toContain(
      '; and it is off: once it is switched on as well; what',
    )
    expect(told(null, null, { attention: 'Wrong key.' })).toContain('; and it needs attention: once that')
    const text = told(later, 'jane@example.com')
    expect(text).toContain(
      '  stopped    2026-11-20T10:00:00.000Z: Wrong key.\n  waits      2026-11-20T14:00:00.000Z: since then this event\n  lane held  2026-11-20T12:00:00.000Z until 2026-11-20T14:00:00.000Z by jane@example.com: It counts twice.',
    )
    expect(text).toMatch(
      /^ {2}next {7}it goes out when the hold ends: at 2026-11-20T14:00:00.000Z, or when somebody/m,
    )
    expect(told(null, null)).toMatch(
      /^ {2}lane held {2}2026-11-20T12:00:00.000Z by support: It counts twice\.$/m,
    )
    expect(told(null, null)).toMatch(
      /^ {2}next {7}it goes out when the hold ends: when somebody releases it \("npm run sluice -- vendor release SHOP tiny"\);/m,
    )
  })

  it('names the event that was sent instead of one that is counted once', () => {
    const [delivery] = story.deliveries
    const counted = { ...delivery, state: 'skipped', sentInstead: 'e2' } as Explained['deliveries'][number]
    expect(tell({ ...story, deliveries: [counted] })).toMatch(/^ {2}instead {4}e2$/m)
    expect(tell(story)).not.toContain('instead')
  })

  it.each([
    [{ dueAt: at }, `counts as abandoned at ${at.toISOString()} if nothing`],
    [{ orderedAt: at, abandonedAt: at }, `found abandoned at ${at.toISOString()}, ordered at`],
    [{}, 'does not wait'],
  ])('says what became of its checkout: %j', (known, part) => {
    const checkout = { dueAt: null, orderedAt: null, abandonedAt: null, ...known }
    expect(tell({ ...story, checkout })).toContain(part)
    expect(tell(story)).not.toContain('  checkout   ')
  })

  it('says that nobody is known, and leaves out what there is not', () => {
    const { actor } = story.event
    const nobody = { ...actor, customerId: null, email: null }
    const text = tell({ ...story, event: { ...story.event, actor: nobody, subject: null }, receipt: null })
    expect(text).toContain('nobody known')
    expect(text).not.toMatch(/state of|webhook {4}/)
  })

  const known: ResolvedPerson = {
    ...{ kind: 'person', customerId: '7', email: 'j…@example.com', phone: null, acceptsMarketing: true },
    ...{ by: 'session', since: later.toISOString(), later: true },
  }

  it.each([
    [{ kind: 'shared' as const }, '  resolved   nobody: several people have used this browser'],
    [{ kind: 'nobody' as const, browser: true }, '  resolved   nobody: it is not known yet'],
    [
      { kind: 'unreadable' as const, open: true },
      '  resolved   unknown: what is kept of the person does not unseal; this process lacks the key, or it was changed',
    ],
    [
      known,
      '  resolved   customer 7, j…@example.com  (as known now, by signing in in this browser, known since 2026-11-20T14:00:00.000Z at the latest); accepts e-mail marketing: yes\n             what was sent before',
    ],
  ])('says whom it is taken for: %j', (identity, part) => {
    expect(tell({ ...story, identity })).toContain(part)
    expect(tell(story)).not.toContain('resolved')
  })

  it('says what a vendor needs allowed, and what follows where not all of it is', () => {
    expect(tell(story)).toContain(
      "  needs      marketing (not known): Shopify's notice goes out unless refused\n",
    )
    const visit = { ...story, event: { ...story.event, source: 'storefront' } }
    const needs = (stands: 'allowed' | 'withdrawn', at: string | null) =>
      tell({ ...visit, needs: { tiny: [{ purpose: 'marketing', stands, at }] } })
    expect(needs('allowed', null)).toContain('  needs      marketing (allowed)\n')
    expect(needs('withdrawn', later.toISOString())).toContain(
      'marketing (withdrawn since, last at 2026-11-20T14:00:00.000Z): a visit needs a yes\n',
    )
    expect(tell({ ...story, needs: { tiny: [] } })).toContain("  needs      no visitor's consent\n")
    expect(tell({ ...story, needs: {} })).not.toContain('  needs ')
  })

  it('says that it was first tried late, and what it may have waited for', () => {
    const deliveries = story.deliveries.map(each => ({
      ...each,
      late: { ms: 23_400, mayWaitFor: 'visitor' as const },
    }))
    expect(tell({ ...story, deliveries })).toContain(
      '  late       first tried 23 s after it was taken up: it waited for its visitor, its turn,',
    )
  })
})
