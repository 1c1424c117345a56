import { describe, expect, it } from 'vitest'
import { createLog } from '../log.ts'
import { createSealer } from '../secrets/seal.ts'
import {
  createSpool,
  type Failed,
  hurrySpool,
  inSpool,
  inSpoolStatement,
  listSpool,
  reasonOf,
  type Spooled,
  takeSpooled,
} from './spool.ts'
import { sealer } from './testing.ts'
import { twoShops } from './testing-shops.ts'

const shops = twoShops()
const { pool } = shops
const ONE = 'one.myshopify.com'
const TWO = 'two.myshopify.com'
const AT = new Date('2026-11-20T12:00:00.123Z')
const log = createLog('silent')
const spool = () => createSpool(pool(), sealer)

const item = (name: string, over: Partial<Spooled> = {}): Spooled => ({
  kind: 'webhook',
  receivedAt: AT,
  facts: { topic: 'orders/create', eventKey: null },
  raw: Buffer.from(name),
  ...over,
})
const nameOf = ({ raw }: Spooled) => Buffer.from(raw).toString()

/** Takes one row. @returns the shop and what came of it, null when there was none */
async function take(
  failing: (name: string) => string | null = () => null,
  by = sealer,
  after: number | null = null,
) {
  const taken: { shop: string; names: string[]; items: readonly Spooled[] }[] = []
  const found = await takeSpooled({ pool: pool(), sealer: by, log }, after, async (shop, items) => {
    taken.push({ shop, names: items.map(nameOf), items })
    return items.flatMap((each): Failed[] => {
      const why = failing(nameOf(each))
      return why === null ? [] : [{ item: each, why }]
    })
  })
  return found !== null && taken[0] ? { ...taken[0], shopId: found } : null
}
/** Takes one row, and finds that it cannot be accepted now. */
const busy = () =>
  takeSpooled({ pool: pool(), sealer, log }, null, async () => {
    throw new Error('a lock is held')
  })
/** Of all that is there. @returns when that is */
async function receivedAgo(interval: string): Promise<string | undefined> {
  const { rows } = await pool().query<{ at: Date }>(
    'update spool set received_at = now() - $1::interval returning received_at as at',
    [interval],
  )
  return rows[0]?.at.toISOString()
}
const rows = async () =>
  (await pool().query('select items, tries, failure, due_at > now() as rests from spool order by id')).rows

describe('the spool', () => {
  it('gives back what was kept, byte for byte, once', async () => {
    const every = Buffer.from(Array.from({ length: 256 }, (_, i) => i))
    const given = item('', { raw: every, kind: 'batch', facts: { customerId: '7', none: null } })
    expect(await spool().keep(ONE, given)).toBe(true)
    const taken = await take()
    expect(taken?.shop).toBe(ONE)
    expect(taken?.items).toEqual([{ ...given, raw: expect.anything() }])
    expect([...(taken?.items[0]?.raw ?? [])]).toEqual([...every])
    expect(await take()).toBeNull()
  })

  it('keeps what comes at the same time in one row for each shop', async () => {
    const kept = spool()
    const names = Array.from({ length: 40 }, (_, i) => `request ${i}`)
    expect(await Promise.all(names.map((name, i) => kept.keep(i % 2 === 0 ? ONE : TWO, item(name))))).toEqual(
      names.map(() => true),
    )
    const taken: string[] = []
    for (let one = await take(); one; one = await take()) taken.push(...one.names)
    expect(taken.toSorted()).toEqual(names.toSorted())
    expect((await listSpool(pool())).length).toBe(0)
  })

  it('keeps nothing of a shop that is not installed', async () => {
    await pool().query('update shops set uninstalled_at = now() where domain = $1', [TWO])
    expect(await spool().keep(TWO, item('late'))).toBe(false)
    expect(await spool().keep('three.myshopify.com', item('unknown'))).toBe(false)
    expect(await rows()).toEqual([])
  })

  it('holds nothing that can be read without the key', async () => {
    await spool().keep(ONE, item('shopper@example.com'.repeat(20)))
    const { rows: found } = await pool().query<{ body: Buffer }>('select body from spool')
    expect(found[0]?.body.includes('shopper')).toBe(false)
    const stranger = createSealer([{ id: 'another', bytes: Buffer.alloc(32, 1) }])
    expect(await take(undefined, stranger)).toBeNull()
    expect(await rows()).toMatchObject([{ tries: 1, failure: expect.stringContaining('key'), rests: true }])
    expect(await hurrySpool(pool())).toBe(1)
    expect((await take())?.names).toHaveLength(1)
  })

  it('keeps what could not be accepted, apart from the rest, and tries it again after an hour or when told to', async () => {
    const kept = spool()
    await Promise.all(['good', 'bad'].map(name => kept.keep(ONE, item(name))))
    while (await take(name => (name === 'bad' ? 'It is bad.' : null)));
    expect(await rows()).toEqual([{ items: 1, tries: 1, failure: 'It is bad.', rests: true }])
    expect(await listSpool(pool())).toEqual([{ shop: ONE, failure: 'It is bad.', requests: 1, oldest: AT }])
    expect(await take()).toBeNull()
    expect(await hurrySpool(pool())).toBe(1)
    expect((await take(() => 'It is bad still.'))?.names).toEqual(['bad'])
    expect(await rows()).toMatchObject([{ tries: 2, failure: 'It is bad still.', rests: true }])
  })

  it('counts what waits and what could not be accepted, of one shop and of all', async () => {
    expect(await inSpool(pool(), null, 10)).toBeNull()
    const kept = spool()
    await Promise.all(['a', 'b'].map(name => kept.keep(ONE, item(name))))
    await kept.keepFailed(ONE, { item: item('bad'), why: 'It is bad.' })
    const { rows: shops } = await pool().query<{ id: number }>(
      'select id from shops order by domain = $1 desc limit 2',
      [ONE],
    )
    const [one, other] = shops.map(({ id }) => id)
    const since = await receivedAgo('23 hours')
    const within = { waiting: { requests: 2, since }, failed: { requests: 1, since }, old: null }
    expect(await inSpool(pool(), null, 10)).toEqual(within)
    expect(await inSpool(pool(), one ?? 0, 10)).toEqual(within)
    expect(await inSpool(pool(), other ?? 0, 10)).toBeNull()
    const old = await receivedAgo('25 hours')
    expect(await inSpool(pool(), null, 10)).toEqual({
      ...{ waiting: { requests: 2, since: old }, failed: null },
      old: { requests: 1, since: old },
    })
  })

  it('says since when the oldest waits where more wait than are looked at, though it was put off', async () => {
    const kept = spool()
    const at = (minute: number) => new Date(AT.getTime() + minute * 60_000)
    for (const minute of [0, 1, 2, 3]) await kept.keep(ONE, item(`${minute}`, { receivedAt: at(minute) }))
    await kept.keep(TWO, item('other', { receivedAt: at(4) }))
    const { rows: shops } = await pool().query<{ id: number }>('select id from shops where domain = $1', [
      ONE,
    ])
    const waits = { waiting: { requests: 2, since: AT.toISOString() }, failed: null, old: null }
    expect(await inSpool(pool(), shops[0]?.id ?? 0, 1)).toEqual(waits)
    await busy()
    expect(await inSpool(pool(), null, 1)).toEqual(waits)
  })

  it.each(['all', 'shop'] as const)(
    'does not read all that waits to find what failed of %s: each kind has an index, in whose order it is counted',
    async of => {
      await fill(ONE, 20_000, null)
      await fill(TWO, 2_000, 'It is bad.')
      const [waiting, ...failed] = await partsOfPlan(of)
      expect(waiting).toContain(of === 'all' ? 'using spool_pkey' : 'using spool_shop_id_due_at_id_idx')
      expect(failed).toHaveLength(2)
      for (const part of failed)
        expect(part).toMatch(/using spool_(shop_)?failed_idx.*\n.*Cond: .*received_at/)
      expect([waiting, ...failed].join()).not.toMatch(/Sort|Seq Scan/)
    },
  )

  it('does not read what failed of all shops to find that of one', async () => {
    await fill(ONE, 200, 'It is bad.')
    await fill(TWO, 20_000, 'It is bad.')
    const [, ...failed] = await partsOfPlan('shop')
    expect(failed).toHaveLength(2)
    for (const part of failed)
      expect(part).toMatch(/using spool_shop_failed_idx.*\n.*Cond: .*shop_id.*received_at/)
  })

  it('says since when the oldest failed where more failed than are looked at, whenever each is tried again', async () => {
    await fill(ONE, 5, 'It is bad.')
    const { rows: all } = await pool().query<{ since: Date; shop: number }>(
      'select min(received_at) as since, min(shop_id) as shop from spool',
    )
    await pool().query('update spool set due_at = now() + (now() - received_at)')
    const failed = { requests: 2, since: all[0]?.since.toISOString() }
    expect(await inSpool(pool(), null, 1)).toEqual({ waiting: null, failed, old: null })
    expect(await inSpool(pool(), all[0]?.shop ?? 0, 1)).toEqual({ waiting: null, failed, old: null })
  })

  /** Rows that came one minute before the other, the oldest last. */
  async function fill(shop: string, count: number, failure: string | null): Promise<void> {
    await pool().query(
      `insert into spool (id, shop_id, items, received_at, due_at, failure, body)
       select uuidv7(), s.id, 1, now() - n * interval '1 minute', now(), $3, ''
       from generate_series(1, $2::int) n, shops s where s.domain = $1`,
      [shop, count, failure],
    )
  }

  /** Of the first shop, or of all. @returns how each kind is read */
  async function partsOfPlan(of: 'all' | 'shop'): Promise<string[]> {
    await pool().query('analyze spool')
    const values = of === 'all' ? [10] : [10, shops.one]
    const { rows: plan } = await pool().query(`explain ${inSpoolStatement(of)}`, values)
    const text = plan.map(row => row['QUERY PLAN']).join('\n')
    return text.split('Limit').slice(1)
  }

  it('counts what waits and what failed lately though more failed before than are counted', async () => {
    const kept = spool()
    const bad = { item: item('bad'), why: 'It is bad.' }
    for (let n = 0; n < 12; n++) await kept.keepFailed(ONE, bad)
    await pool().query("update spool set received_at = now() - interval '3 days'")
    await pool().query(
      "update spool set received_at = now() - interval '1 hour' where id = (select max(id::text)::uuid from spool)",
    )
    await kept.keep(ONE, item('a'))
    const found = await inSpool(pool(), null, 10)
    expect([found?.waiting?.requests, found?.failed?.requests, found?.old?.requests]).toEqual([1, 1, 11])
  })

  it('keeps at once what failed before it was spooled, and goes on with it though the shop has uninstalled since', async () => {
    expect(await spool().keepFailed(ONE, { item: item('bad'), why: 'It is bad.' })).toBe(true)
    expect(await spool().keepFailed('three.myshopify.com', { item: item('bad'), why: 'It is bad.' })).toBe(
      false,
    )
    expect(await rows()).toEqual([{ items: 1, tries: 1, failure: 'It is bad.', rests: true }])
    await pool().query('update shops set uninstalled_at = now() where domain = $1', [ONE])
    await hurrySpool(pool())
    expect((await take(() => 'It is bad.'))?.names).toEqual(['bad'])
    expect(await rows()).toEqual([{ items: 1, tries: 2, failure: 'It is bad.', rests: true }])
    expect(await spool().keepFailed(ONE, { item: item('bad'), why: 'It is bad.' })).toBe(false)
  })

  it('takes a row apart that could not be taken up now again and again: one of it may hold up the others', async () => {
    const kept = spool()
    const names = ['first', 'second', 'third', 'fourth']
    await Promise.all(names.map(name => kept.keep(ONE, item(name))))
    for (let i = 0; i < 10; i++) {
      await busy()
      await hurrySpool(pool())
    }
    expect((await rows()).map(({ items }) => items)).toEqual([1, 1, 1, 1])
    const taken: string[] = []
    for (let one = await take(); one; one = await take()) taken.push(...one.names)
    expect(taken.toSorted()).toEqual(names.toSorted())
  })

  it('goes on with another shop when one has what cannot be taken up now', async () => {
    await spool().keep(ONE, item('stuck'))
    await spool().keep(TWO, item('free'))
    const shop = await busy()
    expect((await take(undefined, sealer, shop))?.names).toEqual(['free'])
  })

  it('keeps a row that could not be taken up now', async () => {
    await spool().keep(ONE, item('first'))
    await busy()
    expect(await rows()).toMatchObject([{ items: 1, tries: 1, failure: null, rests: true }])
    await hurrySpool(pool())
    expect((await take())?.names).toEqual(['first'])
  })

  it('lets shops take turns, however much of one there is', async () => {
    for (let i = 0; i < 3; i++) await spool().keep(ONE, item(`one ${i}`))
    for (let i = 0; i < 2; i++) await spool().keep(TWO, item(`two ${i}`))
    const names: string[] = []
    for (let one = await take(); one; one = await take(undefined, sealer, one.shopId))
      names.push(...one.names)
    expect(names).toEqual(['one 0', 'two 0', 'one 1', 'two 1', 'one 2'])
  })

  it('gives no row to two workers at once', async () => {
    await spool().keep(ONE, item('first'))
    await spool().keep(ONE, item('second'))
    let other: Awaited<ReturnType<typeof take>> = null
    let names: string[] = []
    await takeSpooled({ pool: pool(), sealer, log }, null, async (_shop, items) => {
      names = items.map(nameOf)
      other = await take()
      return []
    })
    expect(names).toEqual(['first'])
    expect(other).toMatchObject({ names: ['second'] })
    expect(await rows()).toEqual([])
  })
})

describe('the reason why something could not be accepted', () => {
  it('names the kind of the error and nothing of its message', () => {
    const error = Object.assign(new TypeError('shopper@example.com'), { code: '22P02' })
    expect(reasonOf(error)).toMatch(/TypeError 22P02/)
    expect(reasonOf(error)).not.toContain('shopper')
    expect(reasonOf(null)).toContain('unknown')
  })
})
