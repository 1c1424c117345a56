import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { firstIdOf } from '../db/partitions.ts'
import { type TestDatabase, testDatabase } from '../db/testing.ts'
import { keepEvent } from '../delivery/testing.ts'
import type { StoreEvent } from '../events/store-event.ts'
import { order as sampleOrder, storeEvent } from '../vendors/testing.ts'
import {
  BY_EVENT,
  BY_NAME,
  BY_ORDER,
  findShops,
  isOfEveryDomain,
  MOST_FOUND,
  shopOfEvent,
} from './shop-search.ts'

let test: TestDatabase
const pool = () => test.database.pool
const domains = new Map<number, string>()

beforeAll(async () => {
  test = await testDatabase()
  const names: [string, string | null][] = [
    ['harbour-lamps', 'Lamps of the Harbour'],
    ['harbour', null],
    ['old-harbour', '100% Brass_Works'],
    ['candles', 'Žluté Svíčky'],
    ['x1', 'Xylo'],
  ]
  for (const [name, called] of names) {
    const { rows } = await pool().query<{ id: number }>(
      'insert into shops (domain, name) values ($1, $2) returning id',
      [`${name}.myshopify.com`, called],
    )
    domains.set(rows[0]?.id ?? 0, name)
  }
})
afterAll(() => test.drop())

const namesOf = (ids: readonly number[]) => ids.map(id => domains.get(id)).sort()
const found = async (text: string) => namesOf((await findShops(pool(), text)).ids)
const idOf = (name: string) => [...domains].find(([, domain]) => domain === name)?.[0] ?? 0

describe('a shop is found', () => {
  it.each([
    ['harbour', ['harbour', 'harbour-lamps', 'old-harbour']],
    ['HARBOUR-', ['harbour-lamps']],
    ['harbour.myshopify.com', ['harbour']],
    ['harbour.my', ['harbour', 'old-harbour']],
    ['bour.', ['harbour', 'old-harbour']],
    ['OUR.myshopify', ['harbour', 'old-harbour']],
    ['harbour.myshopify.c', ['harbour', 'old-harbour']],
    ['-harbour.myshopify.com', ['old-harbour']],
    ['x1.my', ['x1']],
    ['1.my', []],
    ['1.myshopify.com', []],
    ['harbour.eu', []],
    ['the.my', []],
    ['https://harbour-lamps.myshopify.com/admin', ['harbour-lamps']],
    ['of the harb', ['harbour-lamps']],
    ['lamps', ['harbour-lamps']],
    ['svíčky', ['candles']],
    ['žlu', ['candles']],
    ['xy', ['x1']],
    ['x', ['x1']],
    ['  candles ', ['candles']],
    ['nowhere', []],
    ['  ', []],
  ])('by "%s"', async (text, expected) => {
    expect(await found(text)).toEqual(expected)
  })

  it.each([
    ['100%', ['old-harbour']],
    ['brass_w', ['old-harbour']],
    ['%', []],
    ['____', []],
    ['h\\', []],
  ])('by "%s" as it is written', async (text, expected) => {
    expect(await found(text)).toEqual(expected)
  })

  it.each([
    ['myshopify', true],
    ['.com', true],
    ['HTTPS://.myshopify.com/', true],
    ['x1.co', false],
    ['harbour.my', false],
    [' ', false],
  ])('not by what all domains end with: "%s"', async (text, expected) => {
    expect(isOfEveryDomain(text)).toBe(expected)
    if (expected) expect(await found(text)).toEqual([])
  })
})

describe('an order', () => {
  let number = 0
  const order = (shop: string, name: string) => {
    const event = storeEvent('order_created', { orderId: '1', order: sampleOrder({ name }), refund: null })
    number++
    const id = `019aa000-0000-7000-8000-${String(number).padStart(12, '0')}`
    return keepEvent(pool(), idOf(shop), { ...event, id, dedupeKey: id } as StoreEvent)
  }

  it('is found in every shop that has one of this name, with "#" and without', async () => {
    for (const shop of ['harbour', 'harbour', 'candles']) await order(shop, '#1001')
    await order('x1', '1001')
    await order('old-harbour', '#10011')
    for (const text of ['#1001', '1001', ' 1001']) {
      const { ids, orders, more } = await findShops(pool(), text)
      expect(namesOf(orders)).toEqual(['candles', 'harbour', 'x1'])
      expect([ids, more]).toEqual([orders, null])
    }
    expect((await findShops(pool(), 'CZ-1')).ids).toEqual([])
  })

  it('is found by its name as the shop writes it, and in any case', async () => {
    await order('candles', 'CZ-77')
    expect(await found('CZ-77')).toEqual(['candles'])
    expect(await found('#cz-77')).toEqual(['candles'])
    await order('candles', 'Web-1001x')
    for (const text of ['Web-1001x', 'WEB-1001X', '#web-1001x', 'wEB-1001X'])
      expect(await found(text)).toEqual(['candles'])
  })
})

describe('an event', () => {
  it('is found by its id in the shop that has it', async () => {
    const event = storeEvent('order_created', {
      orderId: '1',
      order: sampleOrder({ name: '#1' }),
      refund: null,
    })
    const id = '019aa000-0000-7000-9000-000000000001'
    await keepEvent(pool(), idOf('candles'), { ...event, id, dedupeKey: id } as StoreEvent)
    expect(await shopOfEvent(pool(), id)).toBe('candles.myshopify.com')
    expect(await shopOfEvent(pool(), id.replace('9000', '9001'))).toBeNull()
  })

  it('is looked for in its own week alone, by an index', async () => {
    const client = await pool().connect()
    try {
      const { rows: weeks } = await client.query<{ week: string }>(
        "select relname as week from pg_class where relname ~ '^events_\\d+$' order by 1 limit 1",
      )
      const week = weeks[0]?.week ?? ''
      const monday = `${week.slice(7, 11)}-${week.slice(11, 13)}-${week.slice(13)}T00:00:00Z`
      await client.query('begin; set local enable_seqscan = off')
      const { rows } = await client.query<{ 'QUERY PLAN': string }>(`explain ${BY_EVENT}`, [
        firstIdOf(new Date(monday)),
      ])
      const plan = rows.map(row => row['QUERY PLAN']).join('\n')
      expect(plan.match(/on events_\w+/g)).toEqual([`on ${week}`])
      expect(plan).toContain(`using ${week}_id_idx`)
    } finally {
      await client.query('rollback')
      client.release()
    }
  })
})

describe('where many are found', () => {
  it('so many are looked through, and the one that is called so is among them', async () => {
    await pool().query(
      `insert into shops (domain) select 'many-' || n || '.myshopify.com' from generate_series(1, ${MOST_FOUND + 100}) n`,
    )
    await pool().query("insert into shops (domain) values ('many.myshopify.com'), ('zz-not.myshopify.com')")
    const { ids, more } = await findShops(pool(), 'many')
    expect(more).toBe('named')
    const { rows } = await pool().query("select id from shops where domain = 'many.myshopify.com'")
    expect(ids).toContain(rows[0].id)
    const { rows: last } = await pool().query("select id from shops where domain = 'many-600.myshopify.com'")
    expect(await findShops(pool(), 'many-600')).toEqual({ ids: [last[0].id], orders: [], more: null })
  })
})

describe('a search', () => {
  it.each([
    [
      'names',
      BY_NAME,
      ['abc%', '%abc.my%', 'abc.myshopify.com', '%abc %', '%abc.my%'],
      ['shops_domain_prefix_idx', 'shops_name_prefix_idx', 'shops_search_idx', 'shops_domain_key'],
    ],
    ['orders', BY_ORDER, [['#1001']], ['order_folded_idx|events_.*lower']],
  ])('for %s goes by indexes', async (_, text, values, indexes) => {
    const client = await pool().connect()
    try {
      await client.query('begin; set local enable_seqscan = off')
      const { rows } = await client.query<{ 'QUERY PLAN': string }>(`explain ${text}`, [...values])
      const plan = rows.map(row => row['QUERY PLAN']).join('\n')
      for (const index of indexes) expect(plan).toMatch(new RegExp(index))
      expect(plan).not.toContain('Seq Scan on shops')
    } finally {
      await client.query('rollback')
      client.release()
    }
  })
})
