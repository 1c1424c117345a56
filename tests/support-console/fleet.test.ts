/** One vendor held and released for ten thousand shops, by workers that are killed and asked to stop in the middle. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { saveConnection, vendorById } from '../../app/delivery/connections.ts'
import {
  beginFleet,
  type FleetAction,
  type FleetOrder,
  fleetAction,
  resumeFleet,
  stopFleet,
} from '../../app/delivery/fleet.ts'
import { ALL_SHOPS } from '../../app/delivery/fleet-filter.ts'
import { keepDelivery, sealer } from '../../app/delivery/testing.ts'
import { sampleOf } from '../../app/events/samples.ts'
import { askFleet } from '../../app/runtime/fleet-task.ts'
import { environment, SETTINGS, startApp, type TestApp } from '../support/app.ts'
import { type ServerProcess, startProcess } from '../support/process.ts'

const SHOPS = 10_000
/** Shops with an order that waits. */
const WAITING = 40
const BY = { actor: 'agent@example.com', role: 'agent', address: '192.0.2.7' } as const
const OUTAGE = 'Their servers are down.'
const HOLD: FleetOrder = { kind: 'hold', vendor: 'ecomail', filter: ALL_SHOPS, reason: OUTAGE, until: null }
const RELEASE: FleetOrder = { ...HOLD, kind: 'release', reason: 'They are back.' }
const KEYS = { SLUICE_SECRETS_KEYS: `test:${Buffer.alloc(32, 7).toString('base64')}` }
const PATIENCE = { timeout: 60_000, interval: 20 }

let app: TestApp
let worker: ServerProcess | undefined
const pool = () => app.test.database.pool
const rows = async (sql: string, values: unknown[] = []) => (await pool().query(sql, values)).rows

beforeAll(async () => {
  app = await startApp({ env: { SLUICE_ROLE: 'web', ...KEYS } })
  await rows(
    `insert into shops (domain) select 'shop-' || n || '.myshopify.com' from generate_series(1, $1::int) n`,
    [SHOPS],
  )
  const shops = await rows(`select id from shops where domain like 'shop-%' order by id limit $1`, [WAITING])
  for (const { id } of shops) await withOrder(id)
  await rows(
    `insert into connections (shop_id, vendor, settings, secrets)
     select id, 'ecomail', '{}', '' from shops where domain like 'shop-%' on conflict do nothing`,
  )
})
afterAll(async () => {
  await worker?.end('SIGTERM')
  await app?.close()
})

async function withOrder(shopId: number): Promise<void> {
  const { apiKey } = SETTINGS.ecomail
  await saveConnection(pool(), sealer, shopId, vendorById('ecomail'), { apiKey, clearBasket: false })
  const at = new Date().toISOString()
  const { id: _, ...order } = sampleOf('order_created', {
    at,
    currency: 'EUR',
    storefrontUrl: 'https://shop.example.com',
  })
  // Not due yet: what is sent before the hold, by a worker that is killed, may be sent again.
  await keepDelivery(
    pool(),
    shopId,
    { vendor: 'ecomail', dueIn: 3_600 },
    { ...order, dedupeKey: `order:${shopId}` },
  )
}

const startWorker = () =>
  startProcess({ ...environment(app.test.url, app.vendors), ...KEYS, SLUICE_ROLE: 'worker' })

async function begin(order: FleetOrder): Promise<string> {
  const id = await beginFleet(pool(), BY, order)
  const { engine, log } = app.server.services
  await askFleet(engine.ask, log, id)
  return id
}

/** Looks until `wanted` holds: what it says only grows. */
async function until(id: string, wanted: (action: FleetAction) => boolean): Promise<FleetAction> {
  let seen = { done: 0, changed: 0, followed: 0 }
  const look = async () => {
    const action = await fleetAction(pool(), id)
    if (!action) throw new Error('no action')
    const { done, changed, followed } = action
    expect(done >= seen.done && changed >= seen.changed && followed >= seen.followed).toBe(true)
    expect(done).toBeLessThanOrEqual(SHOPS)
    seen = { done, changed, followed }
    return action
  }
  await expect.poll(async () => wanted(await look()), PATIENCE).toBe(true)
  return look()
}
const inTheMidst = ({ done }: FleetAction) => done > 0 && done < SHOPS
const isDone = ({ state }: FleetAction) => state === 'done'
const ALL_DONE = { state: 'done', total: SHOPS, done: SHOPS, changed: SHOPS, followed: SHOPS }

/** How many shops have how many entries of the action. */
const entries = (id: string) =>
  rows(
    `select entries, count(*)::int as shops from
       (select count(*)::int as entries from audit_entries where subject = $1 and shop is not null group by shop) each
     group by 1`,
    [id],
  )
const held = async () => {
  const [found] = await rows(
    `select (select count(*) from connections where hold_reason = $1)::int as shops,
       (select count(*) from deliveries where state = 'held' and reason = 'on_hold' and message = $1)::int as deliveries`,
    [OUTAGE],
  )
  return found
}

it('a hold of ten thousand shops goes on where a killed worker left it, each shop once', async ({
  annotate,
}) => {
  worker = await startWorker()
  const began = Date.now()
  const id = await begin(HOLD)
  await until(id, inTheMidst)
  await worker.end('SIGKILL')
  const left = await until(id, inTheMidst)
  const { shops } = await held()
  expect({ shops, entries: await entries(id) }).toEqual({
    shops: left.done,
    entries: [{ entries: 1, shops: left.done }],
  })
  worker = await startWorker()
  expect(await until(id, isDone)).toMatchObject(ALL_DONE)
  expect(await entries(id)).toEqual([{ entries: 1, shops: SHOPS }])
  expect(await held()).toEqual({ shops: SHOPS, deliveries: WAITING })
  await annotate(`held ${left.done} shops, was killed, and held the rest: ${Date.now() - began} ms in all`)
}, 90_000)

it('a release of them is stopped by support, and resumed; what waited goes out', async ({ annotate }) => {
  const began = Date.now()
  const id = await begin(RELEASE)
  await until(id, inTheMidst)
  expect(await stopFleet(pool(), BY, id)).toBe(true)
  const stopped = await until(id, ({ state }) => state === 'stopped')
  const { shops } = await held()
  expect(shops).toBe(SHOPS - stopped.done)
  expect(await resumeFleet(pool(), BY, id)).toBe(true)
  const { engine, log } = app.server.services
  await askFleet(engine.ask, log, id)
  expect(await until(id, isDone)).toMatchObject(ALL_DONE)
  expect(await entries(id)).toEqual([{ entries: 1, shops: SHOPS }])
  expect(await held()).toEqual({ shops: 0, deliveries: 0 })
  await annotate(
    `released ${stopped.done} shops, was stopped, and released the rest: ${Date.now() - began} ms in all`,
  )
  const states = () => rows('select state, count(*)::int as count from deliveries group by 1')
  await expect.poll(states, PATIENCE).toEqual([{ state: 'delivered', count: WAITING }])
  expect(app.vendors.counts('ecomail').accepted).toBe(WAITING)
}, 90_000)
