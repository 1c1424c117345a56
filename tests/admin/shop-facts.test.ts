import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { withTransaction } from '../../app/db/database.ts'
import type { Admin } from '../../app/shopify/admin/client.ts'
import { learnShop, shopsToAsk } from '../../app/shopify/admin/shop-facts.ts'
import { changeShop } from '../../app/shopify/shops.ts'
import { type AdminTest, adminTest, SHOP } from './support.ts'

let admin: AdminTest
let one: Admin
let timeZone: string | null | undefined
beforeAll(async () => {
  // Undefined: what the stand-in says by itself.
  admin = await adminTest({ timeZone: () => (timeZone === undefined ? 'Europe/Prague' : timeZone) })
  one = admin.process()
})
afterAll(() => admin.close())
beforeEach(async () => {
  timeZone = undefined
  await admin.reset()
  await admin.install()
  await pool().query(`update shops set time_zone = null, stated = '{}', hosts_asked_at = null`)
})

const pool = () => admin.test.database.pool
const learn = () => learnShop({ pool: pool(), admin: one }, { id: admin.shopId, domain: SHOP })
const known = async () =>
  (await pool().query<{ zone: string | null }>('select time_zone as zone from shops')).rows[0]?.zone
const noticed = (zone: string, at: string) =>
  withTransaction(pool(), client =>
    changeShop(client, admin.shopId, {
      ...{ kind: 'shop_changed', name: null, currency: null, primaryDomain: null },
      ...{ timeZone: zone, updatedAt: at, noticedAt: at },
    }),
  )

describe('a shop’s time zone', () => {
  it('is what Shopify says, and what it says later', async () => {
    await learn()
    expect(await known()).toBe('Europe/Prague')
    timeZone = 'America/Los_Angeles'
    await learn()
    expect(await known()).toBe('America/Los_Angeles')
  })

  it.each([['Mars/Olympus_Mons'], ['+13:00'], [null]])('that is told as %s is not known', async told => {
    timeZone = told
    await learn()
    expect(await known()).toBeNull()
  })

  it('stays as known where Shopify does not say, or does not answer', async () => {
    await learn()
    timeZone = null
    await learn()
    admin.standIn.fail({ times: 1, status: 503 })
    await learn()
    expect(await known()).toBe('Europe/Prague')
  })

  it('is not what a notice says that is older than the question, but what a newer one does', async () => {
    await learn()
    await noticed('Pacific/Auckland', '2020-01-01T00:00:00.000Z')
    expect(await known()).toBe('Europe/Prague')
    await noticed('Pacific/Auckland', '2099-01-01T00:00:00.000Z')
    expect(await known()).toBe('Pacific/Auckland')
  })

  it('that Shopify did not tell because it did not answer is asked for again within the hour', async () => {
    const toAsk = async () => (await shopsToAsk(pool())).map(({ domain }) => domain)
    const later = (minutes: number) =>
      pool().query('update shops set hosts_asked_at = hosts_asked_at - make_interval(mins => $1)', [minutes])
    admin.standIn.fail({ times: 1, status: 503 })
    await learn()
    expect([await known(), await toAsk()]).toEqual([null, []])
    await later(50)
    expect(await toAsk()).toEqual([SHOP])
    await learn()
    await later(50)
    expect([await known(), await toAsk()]).toEqual(['Europe/Prague', []])
  })

  it('is asked for after those of shops that wait longer, where Shopify does not answer', async () => {
    await pool().query(
      `insert into shops (domain, hosts_asked_at)
       select n || '.myshopify.com', now() - interval '25 hours' from generate_series(1, 100) n`,
    )
    admin.standIn.fail({ times: 1, status: 503 })
    await learn()
    await pool().query(
      `update shops set hosts_asked_at = hosts_asked_at - interval '50 minutes' where domain = $1`,
      [SHOP],
    )
    const asked = (await shopsToAsk(pool())).map(({ domain }) => domain)
    expect(asked).toHaveLength(100)
    expect(asked).not.toContain(SHOP)
  })

  it('is asked for in every shop, with a pixel or without, once a day', async () => {
    const toAsk = async () => (await shopsToAsk(pool())).map(({ domain }) => domain)
    expect(await toAsk()).toEqual([SHOP])
    await learn()
    expect(await toAsk()).toEqual([])
    await pool().query(`update shops set hosts_asked_at = now() - interval '25 hours'`)
    expect(await toAsk()).toEqual([SHOP])
  })
})
