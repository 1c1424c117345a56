import { Command } from 'commander'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { vendorById } from '../delivery/connections.ts'
import { TINY_SETTINGS, tinyVendor } from '../delivery/testing.ts'
import type { Story } from '../insights/explain.ts'
import type { SentAgain } from '../insights/sendings.ts'
import { comingTimeOption, print, table, timeOption } from './context.ts'
import { Failure } from './failure.ts'
import { merged, settingsFrom } from './settings.ts'
import { tell } from './story.ts'

describe('timeOption', () => {
  const since = timeOption('--since')
  beforeEach(() => {
    vi.useFakeTimers({ now: new Date('2026-11-20T12:00:00.000Z') })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it.each([
    ['2026-11-19', '2026-11-19T00:00:00.000Z'],
    ['2026-11-19T10:00:00Z', '2026-11-19T10:00:00.000Z'],
    ['2026-11-19T10:00', '2026-11-19T10:00:00.000Z'],
    ['2026-11-19T10:00:00.123+02:00', '2026-11-19T08:00:00.123Z'],
    ['90m', '2026-11-20T10:30:00.000Z'],
    ['24h', '2026-11-19T12:00:00.000Z'],
    ['7d', '2026-11-13T12:00:00.000Z'],
  ])('reads %s', (text, expected) => {
    expect(since(text)).toEqual(new Date(expected))
  })

  it.each(['', '24', 'yesterday', '7w', '-7d', '2026-13-01', '1.5h'])('refuses %j by name', text => {
    expect(() => since(text)).toThrow(Failure)
    expect(() => since(text)).toThrow(/^--since must be/)
  })

  const until = comingTimeOption('--until')
  it.each([
    ['2026-11-21', '2026-11-21T00:00:00.000Z'],
    ['90m', '2026-11-20T13:30:00.000Z'],
    ['2h', '2026-11-20T14:00:00.000Z'],
  ])('reads %s as still to come', (text, expected) => {
    expect(until(text)).toEqual(new Date(expected))
  })

  it.each(['2026-11-19', '2026-11-20T12:00:00Z', '0h'])('refuses %s, which is no time to come', text => {
    expect(() => until(text)).toThrow('--until must be a time that is still to come.')
  })

  it('says how a time to come is given', () => {
    expect(() => until('soon')).toThrow('or a time from now such as 2h.')
  })
})

describe('table', () => {
  it('aligns columns under their header', () => {
    const rows = [
      ['a', 'long value', 'x'],
      ['longer', 'b', ''],
    ]
    expect(table(['ONE', 'TWO', 'THREE'], rows, 'none')).toBe(
      ['ONE     TWO         THREE', 'a       long value  x', 'longer  b'].join('\n'),
    )
  })

  it('is the sentence when there is nothing', () => {
    expect(table(['ONE'], [], 'Nothing.')).toBe('Nothing.')
  })
})

describe('print', () => {
  const printed = async (...args: string[]) => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => {})
    const program = new Command('sluice').option('--json')
    program.command('show').action((_options: unknown, command: Command) => {
      print(command, { a: [1] }, ({ a }) => `a is \u001b[31m${a}\n`)
    })
    await program.parseAsync(['show', ...args], { from: 'user' })
    const [[text] = []] = log.mock.calls
    log.mockRestore()
    return text
  }

  it('is text, in which nothing steers the terminal', async () => {
    expect(await printed()).toBe('a is [31m1\n')
  })

  it('is JSON when asked for', async () => {
    expect(JSON.parse(await printed('--json'))).toEqual({ a: [1] })
  })
})

describe('settingsFrom', () => {
  const from = (...pairs: string[]) =>
    settingsFrom(tinyVendor(), [`apiKey=${TINY_SETTINGS.apiKey}`, ...pairs])

  it('reads pairs, also with "=" in the value', () => {
    expect(from('region=us')).toEqual({ ...TINY_SETTINGS, region: 'us' })
    expect(settingsFrom(tinyVendor(), ['apiKey=a=b=='])).toEqual({ apiKey: 'a=b==' })
  })

  it('reads a record from JSON', () => {
    expect(from('rows={"product_viewed":false}')).toMatchObject({ rows: { product_viewed: false } })
    expect(() => from('rows={')).toThrow('rows must be JSON')
  })

  it.each(['region', '=us', ''])('refuses %j, which is no pair', pair => {
    expect(() => from(pair)).toThrow(Failure)
  })
})

describe('merged', () => {
  const saved = { appId: 'a1', appToken: 'secret-token-1234' }
  const elsewhere = { baseUrl: 'https://collect.example.com' }

  it('does not take a saved secret to another address', () => {
    const voucherify = vendorById('voucherify')
    expect(() => merged(voucherify, saved, elsewhere)).toThrow(
      'Secret key: enter the key again, because it would go to another address: --set appToken=…',
    )
    const entered = { ...elsewhere, appToken: 'new' }
    expect(merged(voucherify, saved, entered)).toEqual({ appId: 'a1', ...entered })
    expect(merged(voucherify, saved, { region: 'eu', appId: 'a2' })).toEqual({
      ...saved,
      region: 'eu',
      appId: 'a2',
    })
  })
})

describe('tell', () => {
  const at = new Date('2026-11-20T12:00:00.000Z')
  const later = new Date('2026-11-20T14:00:00.000Z')
  const story: Story = {
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
      return tell({ ...story, deliveries: [held as Story['deliveries'][number]] })
    }
    expect(told('refused')).toContain('tiny  held: Their vendor is down.')
    expect(told('on_hold')).toContain('tiny  held: Their tool is down.')
    const quoting = 'Tiny rejected this: unknown product "Garden tool set".'
    expect(told('rejected', quoting)).toContain(quoting)
  })

  it('says of what support holds by whom, since and until when, and what happens next', () => {
    const told = (until: Date | null, by: string | null) => {
      const hold = { reason: 'It counts twice.', since: at, until, by }
      const deliveries = story.deliveries.map(each => ({ ...each, state: 'held', next: null, hold }))
      return tell({ ...story, deliveries })
    }
    const text = told(later, 'jane@example.com')
    expect(text).toContain(
      '  on hold    2026-11-20T12:00:00.000Z until 2026-11-20T14:00:00.000Z by jane@example.com: It counts twice.',
    )
    expect(text).toMatch(
      /^ {2}next {7}it goes out when the hold ends: at 2026-11-20T14:00:00.000Z, or when somebody/m,
    )
    expect(told(null, null)).toMatch(
      /^ {2}on hold {4}2026-11-20T12:00:00.000Z by support: It counts twice\.$/m,
    )
    expect(told(null, null)).toMatch(
      /^ {2}next {7}it goes out when the hold ends: when somebody releases it \("npm run sluice -- vendor release SHOP tiny"\);/m,
    )
  })

  it('names the event that was sent instead of one that is counted once', () => {
    const [delivery] = story.deliveries
    const counted = { ...delivery, state: 'skipped', sentInstead: 'e2' } as Story['deliveries'][number]
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
})
