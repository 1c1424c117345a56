/** What happens to a connection while it is being disconnected: nothing undoes that by the way, and nothing newer is lost by it. */
import type { Pool } from 'pg'
import { beforeEach, describe, expect, it } from 'vitest'
import { BeingDisconnected, connectionRow } from './connections.ts'
import { BROKEN_OFF, disconnect, resumeDisconnections } from './disconnect.ts'
import { holdBySupport } from './holds.ts'
import { acceptCredentials } from './lane-state.ts'
import { HELD_REASONS } from './outcome.ts'
import { deliveryOf, eventId, keepDelivery, keepMany } from './testing.ts'
import { twoShops } from './testing-shops.ts'

const shops = twoShops()
const { connect, lane, pool } = shops
const HOLD = { reason: 'The vendor asked us to wait.', until: null }
const BY = { actor: 'agent@example.com', role: 'agent', address: '192.0.2.7' } as const
const SHOP = 'one.myshopify.com'

beforeEach(async () => {
  await connect()
  await keepDelivery(pool(), shops.one, { state: 'pending' }, { id: eventId(0) })
})

/** Does something right before what waits is first given up, by a statement of its own. */
function pausing(before: () => Promise<unknown>): Pool {
  let done = false
  return Object.assign(Object.create(pool()), {
    query: pool().query.bind(pool()),
    connect: async () => {
      const client = await pool().connect()
      return Object.assign(Object.create(client), {
        query: async (text: unknown, ...rest: unknown[]) => {
          if (!done && String(text).includes('for share of c')) {
            done = true
            await before()
          }
          return Reflect.apply(client.query, client, [text, ...rest])
        },
        release: () => client.release(),
      })
    },
  })
}
/** A disconnection that ends where its process is killed. */
async function brokenOff(options: Parameters<typeof disconnect>[2] = {}) {
  const killed = pausing(async () => {
    throw new Error('killed')
  })
  await expect(disconnect(killed, lane(), options)).rejects.toThrow('killed')
}
const aMinuteLater = () => pool().query("update connections set updated_at = now() - interval '61 seconds'")
const stored = () => connectionRow(pool(), shops.one, 'tiny')
const audit = async () =>
  (await pool().query('select actor, action, shop, vendor, after from audit_entries order by id')).rows

describe('a vendor that is being disconnected', () => {
  it('stays so when a test succeeds, and nothing is released', async () => {
    await brokenOff()
    expect(await acceptCredentials(pool(), lane())).toEqual({ held: 0, released: 0, expired: 0 })
    expect(await stored()).toMatchObject({ attention: HELD_REASONS.disconnecting })
    expect(await deliveryOf(pool(), shops.one, eventId(0))).toMatchObject({ state: 'held' })
    await aMinuteLater()
    expect(await resumeDisconnections(pool())).toEqual([lane()])
  })

  it('takes no new settings, and says why', async () => {
    await brokenOff()
    const before = await stored()
    await expect(connect()).rejects.toBeInstanceOf(BeingDisconnected)
    expect(await stored()).toEqual(before)
    await aMinuteLater()
    await resumeDisconnections(pool())
    await connect()
    expect(await stored()).toMatchObject({ attention: null })
  })
})

describe('a disconnection', () => {
  it('that was called off meanwhile gives up nothing more, and leaves the connection', async () => {
    const calledOff = pausing(() => pool().query('update connections set attention = null'))
    expect(await disconnect(calledOff, lane())).toEqual({ held: true, ended: 0 })
    expect(await stored()).toMatchObject({ attention: null })
    expect(await deliveryOf(pool(), shops.one, eventId(0))).toMatchObject({ state: 'pending' })
  })

  it('that another has ended leaves the connection that was made anew', async () => {
    const anew = pausing(async () => {
      await disconnect(pool(), lane())
      await connect()
      await keepDelivery(pool(), shops.one, { state: 'pending' }, { id: eventId(1) })
    })
    expect(await disconnect(anew, lane())).toEqual({ held: false, ended: 0 })
    expect(await stored()).toMatchObject({ attention: null })
    expect(await deliveryOf(pool(), shops.one, eventId(1))).toMatchObject({ state: 'pending' })
  })

  it('that goes on for longer than a minute is not taken for broken off', async () => {
    await pool().query('delete from deliveries')
    await keepMany(pool(), shops.one, 4_500, 'pending')
    let chunks = 0
    const query = pool().query.bind(pool())
    const slow = Object.assign(Object.create(pool()), {
      connect: pool().connect.bind(pool()),
      query: async (text: unknown, ...rest: unknown[]) => {
        const done = await Reflect.apply(query, pool(), [text, ...rest])
        if (String(text).includes('skip locked')) {
          chunks++
          expect(await resumeDisconnections(pool())).toEqual([])
          await aMinuteLater()
        }
        return done
      },
    })
    expect(await disconnect(slow, lane())).toEqual({ held: false, ended: 4_500 })
    expect(chunks).toBeGreaterThan(3)
  })

  it('that is broken off is found without reading the connections of all shops', async () => {
    await pool().query(
      `with made as (
         insert into shops (domain) select 's' || n || '.myshopify.com' from generate_series(1, 5000) n returning id)
       insert into connections (shop_id, vendor, settings, secrets) select id, 'tiny', '{}', '' from made`,
    )
    await pool().query('analyze connections')
    const { rows } = await pool().query(`explain (format json) ${BROKEN_OFF}`, [HELD_REASONS.disconnecting])
    expect(JSON.stringify(rows)).toContain('"Index Name":"connections_attention_idx"')
  })

  it('that was to go even where it is held is gone on with, also where it is held', async () => {
    await holdBySupport(pool(), lane(), HOLD, BY, SHOP)
    await brokenOff({ evenHeld: true })
    // Nor does somebody who does not say so call it off.
    expect(await disconnect(pool(), lane())).toEqual({ held: false, ended: 1 })
    await connect()
    await holdBySupport(pool(), lane(), HOLD, BY, SHOP)
    await brokenOff({ evenHeld: true })
    await aMinuteLater()
    expect(await resumeDisconnections(pool())).toEqual([lane()])
  })

  it('is written down before its first step, with what waits', async () => {
    await brokenOff({ by: BY })
    const about = { actor: BY.actor, shop: SHOP, vendor: 'tiny' }
    const entry = { ...about, action: 'vendor_disconnect', after: { connected: false, deliveries: 1 } }
    expect(await audit()).toEqual([entry])
    await aMinuteLater()
    await resumeDisconnections(pool())
    expect(await audit()).toEqual([entry])
  })

  it('that is called off by a hold is written down, whoever finds that', async () => {
    await brokenOff({ by: BY })
    await pool().query('update connections set hold_reason = $1, hold_since = now()', [HOLD.reason])
    await aMinuteLater()
    expect(await resumeDisconnections(pool())).toEqual([])
    expect((await audit()).slice(1)).toEqual([
      { actor: 'sluice', shop: SHOP, vendor: 'tiny', action: 'vendor_kept', after: { connected: true } },
    ])
    // It was called off already.
    expect(await disconnect(pool(), lane())).toEqual({ held: true, ended: 0 })
    expect(await audit()).toHaveLength(2)
  })
})
