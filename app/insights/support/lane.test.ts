import { describe, expect, it } from 'vitest'
import { vendorById } from '../../delivery/connections.ts'
import { holdBySupport, releaseBySupport, standingHold } from '../../delivery/holds.ts'
import { switchLane } from '../../delivery/lane-state.ts'
import { keepDelivery, keepMany, sealer } from '../../delivery/testing.ts'
import { activityPage } from '../activity.ts'
import { listLanes } from '../lanes.ts'
import { backlogOf } from './backlog.ts'
import { credentialTimes } from './credentials.ts'
import { CAUSES, MOST_LOOKED_AT, recentFailures } from './failures.ts'
import { isEventOf } from './person.ts'
import { BY, connectedShops, HOLD, KEY, SHOP } from './testing.ts'

const { shops, pool, lane } = connectedShops()
const keep = (state: 'pending' | 'held' | 'dead' | 'retry' | 'waiting', shopId = shops.one) =>
  keepDelivery(pool(), shopId, { vendor: 'alana', state })
const days = (count: number) => new Date(Date.now() - count * 24 * 3600_000)

describe('the backlog of a lane', () => {
  it('says what a hold would make wait', async () => {
    for (const state of ['pending', 'retry', 'waiting'] as const) await keep(state)
    await keep('pending', shops.two)
    expect(await backlogOf(pool(), lane(), 10)).toMatchObject({ open: 2, unknown: 1, held: 0 })
  })

  it('says what a release would send, and what it would end as too old', async () => {
    await holdBySupport(pool(), lane(), HOLD, BY, SHOP)
    const [fresh, late, again] = [await keep('held'), await keep('held'), await keep('held')]
    const old = 'update deliveries set created_at = $2, replay = $3 where event_id = $1'
    await pool().query(old, [late, days(8), false])
    await pool().query(old, [again, days(8), true])
    expect(await backlogOf(pool(), lane(), 10)).toMatchObject({
      held: 3,
      release: { stays: null, goOut: 2, expire: 1 },
    })
    // What was said is what is done.
    expect(await releaseBySupport(pool(), lane(), 'Over.', BY, SHOP)).toMatchObject({
      released: 2,
      expired: 1,
    })
    expect(fresh).toBeTruthy()
  })

  it('says why what is held would stay so', async () => {
    await switchLane(pool(), lane(), false)
    await holdBySupport(pool(), lane(), HOLD, BY, SHOP)
    await keep('held')
    const { release } = (await backlogOf(pool(), lane(), 10)) ?? {}
    expect(release).toMatchObject({ stays: { reason: 'off' }, goOut: 0, expire: 0 })
  })

  it('is counted up to one more than asked for', async () => {
    await keepMany(pool(), shops.one, 7, 'pending', 'alana')
    expect(await backlogOf(pool(), lane(), 5)).toMatchObject({ open: 6 })
  })

  it('of what is not connected is none', async () => {
    expect(await backlogOf(pool(), lane(shops.two), 5)).toBeNull()
  })
})

describe('recent failures', () => {
  const attempt = async (event: string, number: number, status: number | null) => {
    const response = status === null ? null : JSON.stringify({ status, headers: {}, body: null })
    const { rows } = await pool().query(
      `insert into exchanges (shop_id, id, vendor, started_at, duration_ms, request, response)
       values ($1, gen_random_uuid(), 'alana', now(), 5, '{}', $2) returning id`,
      [shops.one, response],
    )
    await pool().query(
      `insert into attempts (shop_id, event_id, vendor, number, part, step, exchange_id, outcome)
       values ($1, $2, 'alana', $3, 0, 'event', $4, 'dead')`,
      [shops.one, event, number, rows[0].id],
    )
  }

  it('are grouped by vendor, reason and the last answer, the most frequent first', async () => {
    const [one, two, three, other] = [
      await keep('dead'),
      await keep('dead'),
      await keep('retry'),
      await keep('dead'),
    ]
    await pool().query(
      "update deliveries set reason = 'rejected', message = 'No such key.' where state = 'dead'",
    )
    await attempt(one, 1, 503)
    await attempt(one, 2, 422)
    await attempt(two, 1, 422)
    await attempt(other, 1, 400)
    await keep('pending')
    await keep('dead', shops.two)
    expect(await recentFailures(pool(), shops.one, new Date())).toEqual({
      capped: false,
      causes: [
        expect.objectContaining({ kind: 'failed', reason: 'rejected', status: 422, count: 2, newest: two }),
        expect.objectContaining({ kind: 'failed', status: 400, count: 1, newest: other }),
        expect.objectContaining({ kind: 'retrying', status: null, count: 1, newest: three }),
      ],
    })
  })

  it('are those of the last seven days', async () => {
    await keep('dead')
    const later = new Date(Date.now() + 8 * 24 * 3600_000)
    expect(await recentFailures(pool(), shops.one, later)).toEqual({ causes: [], capped: false })
  })

  it('are looked for by an index, however much was delivered', async () => {
    await pool().query(
      `insert into deliveries (shop_id, event_id, vendor, state, done, due_at, created_at, updated_at)
       select $1, ('01999999-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'alana', case when n % 1000 = 0 then 'dead' else 'delivered' end,
         '{}', now(), now(), now() from generate_series(1, 20000) n`,
      [shops.one],
    )
    await pool().query('analyze deliveries')
    const plan = await pool().query(`explain (format json) ${CAUSES}`, [
      ...[shops.one, '01990000-0000-0000-0000-000000000000', ['alana']],
      ...[MOST_LOOKED_AT, 50],
    ])
    const text = JSON.stringify(plan.rows)
    // Where the rows are: small partitions are read as they are.
    expect(
      text.includes(
        '"Seq Scan","Parent Relationship":"Member","Parallel Aware":false,"Async Capable":false,"Relation Name":"deliveries_default"',
      ),
    ).toBe(false)
    expect(text.includes('"Index Name":"deliveries_default_')).toBe(true)
    expect(text.includes('"Hash Join"')).toBe(false)
  })
})

describe('what is held', () => {
  const received = (event: string, hours: number) =>
    pool().query(
      'update deliveries set created_at = now() - make_interval(hours => $2) where event_id = $1',
      [...[event, hours]],
    )
  const hours = (at: Date | null | undefined) => at && Math.round((Date.now() - at.getTime()) / 3600_000)

  it('is as old as its receipt: a hold that the merchant’s switch takes over from does not make it young', async () => {
    const [early, late] = [await keep('held'), await keep('held')]
    await received(early, 5)
    await received(late, 1)
    const oldest = async () => {
      const lanes = await listLanes(pool(), sealer, shops.one)
      return hours(lanes.find(({ vendor }) => vendor === 'alana')?.oldestHeld)
    }
    await holdBySupport(pool(), lane(), HOLD, BY, SHOP)
    expect(await oldest()).toBe(5)
    await holdBySupport(pool(), lane(), { ...HOLD, reason: 'Other words.' }, BY, SHOP, { replace: true })
    expect(await oldest()).toBe(5)
    await switchLane(pool(), lane(), false)
    await releaseBySupport(pool(), lane(), 'Over.', BY, SHOP)
    expect(await oldest()).toBe(5)
  })

  it('is told to be held since its lane was first stopped, or since it came, though something else stops it by now', async () => {
    const [early, late] = [await keep('held'), await keep('held')]
    await received(early, 5)
    await received(late, 1)
    await holdBySupport(pool(), lane(), HOLD, BY, SHOP)
    const stopped = "update connections set stopped_since = now() - interval '3 hours' where shop_id = $1"
    await pool().query(stopped, [shops.one])
    const told = async () => {
      const { lines } = await activityPage(pool(), { shopId: shops.one }, null)
      return [early, late].map(id => hours(lines.find(line => line.id === id)?.deliveries[0]?.since))
    }
    expect(await told()).toEqual([3, 1])
    await holdBySupport(pool(), lane(), { ...HOLD, reason: 'Other words.' }, BY, SHOP, { replace: true })
    await switchLane(pool(), lane(), false)
    await releaseBySupport(pool(), lane(), 'Over.', BY, SHOP)
    expect(await told()).toEqual([3, 1])
    await switchLane(pool(), lane(), true)
    expect(await told()).not.toEqual([3, 1])
  })

  it('is held by whoever gave the present hold its words', async () => {
    expect(await standingHold(pool(), lane())).toBeNull()
    await holdBySupport(pool(), lane(), HOLD, BY, SHOP)
    await releaseBySupport(pool(), lane(), 'Over.', BY, SHOP)
    expect(await standingHold(pool(), lane())).toBeNull()
    await holdBySupport(pool(), lane(), HOLD, { ...BY, actor: 'second@example.com' }, SHOP)
    expect((await standingHold(pool(), lane()))?.by).toBe('second@example.com')
  })
})

describe('when credentials worked', () => {
  it('is when something last arrived', async () => {
    expect(await credentialTimes(pool(), shops.one)).toMatchObject([{ vendor: 'alana', workedAt: null }])
    await keepDelivery(pool(), shops.one, { vendor: 'alana', state: 'delivered' })
    const at = new Date('2026-11-19T10:00:00.000Z')
    await pool().query('update deliveries set updated_at = $1', [at])
    expect(await credentialTimes(pool(), shops.one)).toMatchObject([
      { workedAt: at, savedAt: expect.any(Date) },
    ])
  })

  it('is a test that passed where that was later, also when the settings were saved since', async () => {
    await pool().query("update connections set test_ok = true, test_message = 'Yes.', tested_at = now()")
    await shops.connect(shops.one, vendorById('alana'), KEY)
    const [times] = await credentialTimes(pool(), shops.one)
    expect(times?.workedAt).toEqual(expect.any(Date))
    expect(times?.savedAt.getTime()).toBeGreaterThanOrEqual(times?.workedAt?.getTime() ?? Number.NaN)
  })
})

describe('when credentials were set', () => {
  it('stays as it is when other settings are saved, and is not known of what was set before it was kept', async () => {
    const save = (given: Record<string, unknown>) => shops.connect(shops.one, vendorById('alana'), given)
    const setAt = async () => (await credentialTimes(pool(), shops.one))[0]?.secretsSetAt
    const old = new Date('2026-11-19T10:00:00.000Z')
    const keep = (at: Date | null) => pool().query('update connections set secrets_set_at = $1', [at])
    const other = { ...KEY, metadata: false }
    expect(await setAt()).toEqual(expect.any(Date))
    for (const known of [old, null]) {
      await keep(known)
      await save(other)
      expect(await setAt()).toEqual(known)
      await save(KEY)
      expect(await setAt()).toEqual(known)
    }
    await save({ ...KEY, apiKey: `${KEY.apiKey}2` })
    expect((await setAt())?.getTime()).toBeGreaterThan(old.getTime())
    await keep(old)
    await pool().query("update connections set secrets = 'sealed under a key that is gone'")
    await save(KEY)
    expect((await setAt())?.getTime()).toBeGreaterThan(old.getTime())
  })
})

describe('an event', () => {
  it('is found in its own shop alone', async () => {
    const id = await keep('dead')
    expect(await isEventOf(pool(), shops.one, id)).toBe(true)
    expect(await isEventOf(pool(), shops.two, id)).toBe(false)
  })
})
