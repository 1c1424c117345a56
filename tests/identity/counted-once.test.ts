/** What the theme and the web pixel both tell of is sent once. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { explainEvent } from '../../app/insights/explain.ts'
import { customerPayload, SIGNED_IN } from '../../sandbox/store/payloads.ts'
import { SETTINGS } from '../support/app.ts'
import { freshApp } from '../support/fresh-app.ts'
import { steps } from './steps.ts'

const { app } = freshApp()
let shopper: ReturnType<typeof steps>
const customer = String(SIGNED_IN.id)

beforeEach(async () => {
  shopper = steps(app)
  await app.server.services.pool.query(`update shops set collectors = '{}', person_wait_hours = 24`)
  await app.connect('alana')
})
/** What one test sends arrives before the next begins. */
afterEach(() => app.idle())
const sent = async (count: number) => {
  await expect.poll(async () => (await shopper.statesAt('alana')).length).toBe(count)
  await app.idle()
  return (await shopper.reasonsAt('alana')).sort()
}

describe('a view that both collectors tell of', () => {
  it('is sent once, whichever comes first', async () => {
    await shopper.view({ ago: 3 })
    await app.idle()
    await shopper.pixel({ ago: 1 })
    expect(await sent(2)).toEqual(['counted_once', 'delivered'])
    await shopper.pixel({ visitor: 'visitor-2', ago: 1 })
    await app.idle()
    await shopper.view({ visitor: 'visitor-2', ago: 3 })
    expect(await sent(4)).toEqual(['counted_once', 'counted_once', 'delivered', 'delivered'])
    expect(app.vendors.counts('alana')).toMatchObject({ taken: 2 })
  })

  it('is explained with the one that was sent instead', async () => {
    for (const ago of [8, 3]) await shopper.view({ ago })
    await app.idle()
    for (const ago of [7, 2]) await shopper.pixel({ ago })
    expect(await sent(4)).toEqual(['counted_once', 'counted_once', 'delivered', 'delivered'])
    const { database, sealer, pool } = app.server.services
    const { rows } = await pool.query<{ id: string; source: string }>(
      'select id, source from events order by occurred_at',
    )
    const [first, firstTwin, second, secondTwin] = rows.map(({ id }) => id)
    const insteadOf = async (id = '') => {
      const told = await explainEvent(database, sealer, app.shopId, id)
      return told?.story.deliveries.map(({ sentInstead }) => sentInstead)
    }
    expect(await insteadOf(firstTwin)).toEqual([first])
    expect(await insteadOf(secondTwin)).toEqual([second])
    expect(await insteadOf(first)).toEqual([null])
  })

  it('counts as often as it happened', async () => {
    for (const ago of [8, 4]) await shopper.view({ ago })
    for (const ago of [7, 3]) await shopper.pixel({ ago })
    expect(await sent(4)).toEqual(['counted_once', 'counted_once', 'delivered', 'delivered'])
  })

  it('is two where they are of two visitors, of two products, or further apart', async () => {
    await shopper.view({ visitor: 'one' })
    await shopper.pixel({ visitor: 'two' })
    await shopper.view({ visitor: 'three', product: 'candle' })
    await shopper.pixel({ visitor: 'three' })
    await shopper.view({ visitor: 'four', ago: 30 })
    await shopper.pixel({ visitor: 'four', ago: 15 })
    expect(await sent(6)).toEqual(Array(6).fill('delivered'))
  })

  it('told twice by one collector is two views', async () => {
    await shopper.view({ ago: 2 })
    await shopper.view({ ago: 1 })
    expect(await sent(2)).toEqual(['delivered', 'delivered'])
  })

  it('is one for whoever it waits for as well', async () => {
    await app.connect('topmail', { ...SETTINGS.topmail, createContacts: true })
    await shopper.pixel({ ago: 2 })
    await shopper.becomes('topmail', ['waiting'])
    await shopper.view({ ago: 1, customer })
    await expect.poll(() => shopper.reasonsAt('topmail')).toHaveLength(2)
    await app.idle()
    expect(await shopper.statesAt('topmail')).toEqual(['waiting', 'waiting'])
    const person = customerPayload(SIGNED_IN, new Date().toISOString())
    const payload = { ...person, email_marketing_consent: { state: 'subscribed' } }
    await app.store.webhook({ topic: 'customers/create', payload })
    await shopper.becomes('topmail', ['skipped', 'delivered'])
    expect(shopper.topmailGot()).toHaveLength(1)
  })
})
