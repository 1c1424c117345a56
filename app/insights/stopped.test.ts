import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { firstIdOf } from '../db/partitions.ts'
import { type TestDatabase, testDatabase } from '../db/testing.ts'
import { newShop } from '../delivery/testing.ts'
import { sendingsOf } from './sendings.ts'
import {
  type LaneChange,
  STANDING_AND_CHANGES,
  type Stopped,
  stoppedWhile,
  stopsOf,
  waitsOf,
} from './stopped.ts'

const at = (minutes: number) => new Date(Date.UTC(2026, 10, 20, 12, minutes))
const change = (minutes: number, what: string, over: Partial<LaneChange> = {}): LaneChange => ({
  ...{ at: at(minutes), what, message: null, actor: null },
  ...over,
})
const stop = (
  kind: Stopped['kind'],
  from: number,
  until: number | null,
  over: Partial<Stopped> = {},
): Stopped => ({
  ...{ kind, from: at(from), until: until === null ? null : at(until), message: null, by: null },
  ...over,
})
const DOWN = { message: 'They are down.', actor: 'jane@example.com' }
const HELD = { message: 'They are down.', by: 'jane@example.com' }

describe('stopsOf', () => {
  it.each<[string, LaneChange[], Stopped[]]>([
    ['none', [], []],
    ['a hold that ended', [change(1, 'hold', DOWN), change(5, 'release')], [stop('hold', 1, 5, HELD)]],
    ['a hold that goes on', [change(1, 'hold', DOWN)], [stop('hold', 1, null, HELD)]],
    [
      'a hold that took another end',
      [change(1, 'hold', DOWN), change(3, 'hold', DOWN), change(5, 'release')],
      [stop('hold', 1, 5, HELD)],
    ],
    [
      'a hold in other words, or by another person, as the one that it is',
      [
        change(1, 'hold', DOWN),
        change(3, 'hold', { ...DOWN, actor: 'joe@example.com' }),
        change(5, 'release'),
      ],
      [stop('hold', 1, 5, { ...HELD, by: 'joe@example.com' })],
    ],
    [
      'each kind by itself',
      [
        change(1, 'off'),
        change(2, 'attention', { message: 'No.' }),
        change(3, 'on'),
        change(4, 'attention_over'),
      ],
      [stop('off', 1, 3), stop('attention', 2, 4, { message: 'No.' })],
    ],
    [
      'ended by a new connection',
      [change(1, 'off'), change(2, 'hold', DOWN), change(4, 'disconnected'), change(6, 'connected')],
      [stop('off', 1, 4), stop('hold', 2, 4, HELD)],
    ],
    ['of which only the end is known', [change(1, 'release'), change(2, 'on')], []],
  ])('tells of %s', (_, changes, stops) => {
    expect(stopsOf(changes)).toEqual(stops)
  })
})

describe('waitsOf', () => {
  const made = { createdAt: at(0), updatedAt: at(30), replay: false, replays: [] }
  const again = (...minutes: number[]) => ({
    replays: minutes.map(each => ({ id: firstIdOf(at(each)), at: at(each), alone: true })),
  })
  let number = 0
  /** An attempt of its own, or a further step of the one before. */
  const tried = (minutes: number, outcome: string, step = 'track', further = false) => {
    if (!further) number += 1
    return { number, step, outcome, startedAt: at(minutes) }
  }
  it.each<[string, string, ReturnType<typeof tried>[], [number, number][], object?]>([
    ['what is held', 'held', [], [[0, 60]]],
    ['what was left out unsent', 'skipped', [], [[0, 30]]],
    ['what waits for its visitor', 'waiting', [], []],
    ['what arrived at once', 'delivered', [tried(2, 'delivered')], [[0, 2]]],
    [
      'what is tried again',
      'retry',
      [tried(2, 'retry')],
      [
        [0, 2],
        [2, 60],
      ],
    ],
    [
      'what arrived later',
      'delivered',
      [tried(2, 'refused'), tried(9, 'delivered')],
      [
        [0, 2],
        [2, 9],
      ],
    ],
    ['what is sent once more', 'delivered', [tried(2, 'delivered'), tried(50, 'delivered')], [[0, 2]]],
    ['what is to be sent once more', 'held', [tried(2, 'dead')], [[0, 2]]],
    ['what was left out unsent and sent again', 'delivered', [tried(52, 'delivered')], [[50, 52]], again(50)],
    ['what was left out unsent again', 'skipped', [], [[20, 30]], again(20)],
    [
      'what failed and was sent again',
      'delivered',
      [tried(2, 'dead'), tried(52, 'dead')],
      [
        [0, 2],
        [50, 52],
      ],
      again(50),
    ],
    [
      'what failed and is sent again',
      'held',
      [tried(2, 'dead')],
      [
        [0, 2],
        [50, 60],
      ],
      { ...again(50), replay: true },
    ],
    [
      'what was sent again twice',
      'delivered',
      [tried(2, 'dead'), tried(12, 'retry'), tried(15, 'dead'), tried(52, 'delivered')],
      [
        [0, 2],
        [10, 12],
        [12, 15],
        [50, 52],
      ],
      again(10, 50),
    ],
    ['what is sent again, when was not kept', 'held', [tried(2, 'dead')], [[0, 2]], { replay: true }],
    [
      'a chain whose second step came later',
      'delivered',
      [tried(2, 'delivered', 'tag'), tried(40, 'delivered')],
      [
        [0, 2],
        [2, 40],
      ],
    ],
    [
      'a chain whose second step waits',
      'held',
      [tried(2, 'delivered', 'tag')],
      [
        [0, 2],
        [2, 60],
      ],
    ],
    [
      'a chain at once, and once more',
      'delivered',
      [
        ...[tried(2, 'delivered', 'tag'), tried(3, 'delivered', 'track', true)],
        ...[tried(40, 'delivered', 'tag'), tried(41, 'delivered', 'track', true)],
      ],
      [[0, 2]],
    ],
  ])('tells how long %s waited', (_, state, attempts, waits, over) => {
    const { replays, ...delivery } = { ...made, ...over }
    const told = waitsOf({ ...delivery, state }, sendingsOf(delivery, replays, attempts), at(60))
    expect(told).toEqual(waits.map(([from, to]) => ({ from: at(from), to: at(to) })))
  })
})

describe('stoppedWhile', () => {
  let test: TestDatabase
  const pool = () => test.database.pool
  const lane = { shopId: 0, vendor: 'tiny' }
  beforeAll(async () => {
    test = await testDatabase()
    lane.shopId = await newShop(pool(), 'one')
    await pool().query(
      `insert into connection_changes (shop_id, vendor, at, what)
       select $1, v, $2::timestamptz - make_interval(mins => 20000 - n), (array['test_passed', 'attention', 'attention_over', 'test_failed'])[n % 4 + 1]
       from generate_series(1, 20000) n, unnest(array['tiny', 'other']) v`,
      [lane.shopId, at(0)],
    )
    await pool().query(
      `insert into connection_changes (shop_id, vendor, at, what)
       values ($1, 'tiny', $2, 'off'), ($1, 'tiny', $3, 'on'), ($1, 'tiny', $4, 'off'), ($1, 'other', $2, 'off')`,
      [lane.shopId, at(10), at(20), at(40)],
    )
    await pool().query('analyze connection_changes')
  })
  afterAll(() => test.drop())

  it.each([
    [5, 9, []],
    [5, 15, [stop('off', 10, 20)]],
    [12, 15, [stop('off', 10, 20)]],
    [15, 50, [stop('off', 10, 20), stop('off', 40, null)]],
    [21, 39, []],
  ])('finds what a lane was stopped by from %i to %i', async (from, to, stops) => {
    expect(await stoppedWhile(pool(), lane, [{ from: at(from), to: at(to) }])).toEqual(stops)
  })

  it('tells of nothing between two waits', async () => {
    const waits = [
      { from: at(1), to: at(5) },
      { from: at(45), to: at(46) },
    ]
    expect(await stoppedWhile(pool(), lane, waits)).toEqual([stop('off', 40, null)])
  })

  it('reads some changes, however many there were', async () => {
    const { rows } = await pool().query(`explain (analyze, format json) ${STANDING_AND_CHANGES}`, [
      ...[lane.shopId, 'tiny', at(-10_000), ['off', 'on', 'attention', 'attention_over'], '{}'],
    ])
    const read = [
      ...JSON.stringify(rows).matchAll(
        /"Relation Name":"connection_changes".*?"Actual Rows":([\d.]+),"Actual Loops":([\d.]+)/g,
      ),
    ]
    expect(read).toHaveLength(2)
    for (const [, each] of read) expect(Number(each)).toBeLessThanOrEqual(20)
    expect(JSON.stringify(rows)).toContain('connection_changes_shop_id_vendor_what_at_idx')
  })
})
