/** Rows that another process locked and then froze: they hold up what needs them, and nothing else. */
import { beforeAll, describe, expect, it } from 'vitest'
import { installShop } from '../../app/shopify/shops.ts'
import { orderPayload } from '../../sandbox/store/payloads.ts'
import { createStore } from '../../sandbox/store/shopify.ts'
import { SECRET } from '../support/app.ts'
import { freshApp } from '../support/fresh-app.ts'
import { simpleOrder } from '../support/orders.ts'

const OTHER = 'other-shop.myshopify.com'
const { app } = freshApp({ sandbox: { limits: {} } })
beforeAll(async () => {
  await installShop(app.test.database.prisma, OTHER, [])
})

const order = (id: number) => orderPayload(simpleOrder(id))

/** Runs `work` while a transaction that never ends by itself holds what `statement` locks. */
async function whileHeld(statement: string, values: unknown[], work: () => Promise<void>): Promise<void> {
  const frozen = await app.test.database.pool.connect()
  try {
    await frozen.query('begin')
    await frozen.query(statement, values)
    await work()
  } finally {
    await frozen.query('rollback')
    frozen.release()
  }
}

describe('a process that froze in the middle of accepting', () => {
  it('holds up the webhooks it was accepting, which are asked for again, and no others', async () => {
    const held = ['w-1', 'w-2', 'w-3']
    const insert = `insert into receipts (shop_id, webhook_id, topic, received_at)
                    select $1, unnest($2::text[]), 'orders/create', now()`
    await whileHeld(insert, [app.shopId, held], async () => {
      const again = held.map((webhookId, n) =>
        app.store.webhook({ topic: 'orders/create', payload: order(7001 + n), webhookId }),
      )
      const other = createStore({ appUrl: app.url, secret: SECRET, shop: OTHER })
      const mine = app.store.webhook({ topic: 'orders/create', payload: order(7010) })
      const theirs = other.webhook({ topic: 'orders/create', payload: order(7011) })
      expect([(await mine).status, (await theirs).status]).toEqual([200, 200])
      const statuses = (await Promise.all(again)).map(({ status }) => status)
      expect(statuses).toEqual([503, 503, 503])
    })
    const after = await app.store.webhook({ topic: 'orders/create', payload: order(7001), webhookId: 'w-1' })
    expect(after.status).toBe(200)
  })
})

describe('a process that froze while it asked for permits', () => {
  it('does not hold up what is taken in, nor other vendors', async () => {
    await app.connect('ecomail', undefined)
    await app.connect('topmail', undefined)
    await app.store.webhook({ topic: 'orders/create', payload: order(7101) })
    await app.idle()
    const lock = `select from allowances where key like 'ecomail:%' for update`
    await whileHeld(lock, [], async () => {
      for (let n = 0; n < 20; n++) {
        const taken = await app.store.webhook({ topic: 'orders/create', payload: order(7200 + n) })
        expect(taken.status).toBe(200)
      }
      expect(app.sentTo('ecomail').filter(path => path.includes('72'))).toEqual([])
    })
    await app.idle()
    const states = await app.states()
    expect(states.filter(([, state]) => state === 'delivered').length).toBeGreaterThanOrEqual(21)
  })
})
