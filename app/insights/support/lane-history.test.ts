import { describe, expect, it } from 'vitest'
import { withTransaction } from '../../db/database.ts'
import { saveConnection, vendorById } from '../../delivery/connections.ts'
import { holdBySupport, releaseBySupport } from '../../delivery/holds.ts'
import { switchLane } from '../../delivery/lane-state.ts'
import { HELD_REASONS } from '../../delivery/outcome.ts'
import { sealer } from '../../delivery/testing.ts'
import { writeAudit } from '../../support/audit.ts'
import { CHANGES, laneHistory } from './lane-history.ts'
import { BY, connectedShops, HOLD, KEY, SHOP } from './testing.ts'

const { shops, pool, lane } = connectedShops()

describe("a lane's history", () => {
  it('tells changes and alerts together, the newest first', async () => {
    await switchLane(pool(), lane(), false)
    await pool().query(
      `insert into alerts (shop_id, vendor, kind, opened_at, level, since, message, resolved_at)
       values ($1, 'alana', 'waiting', now() + interval '1 hour', 50, now(), 'Events wait.', now() + interval '2 hours')`,
      [shops.one],
    )
    const { lines, older } = await laneHistory(pool(), lane(), SHOP, null)
    expect(lines.map(({ what }) => what)).toEqual(['alert_over', 'alert', 'off', 'connected'])
    expect(lines[1]).toMatchObject({ kind: 'waiting', message: 'Events wait.' })
    expect(older).toBeNull()
  })

  it('is told by pages without gaps, also within one millisecond', async () => {
    await pool().query(
      `insert into connection_changes (shop_id, vendor, at, what) select $1, 'alana', now(), 'n' || n from generate_series(1, 120) n`,
      [shops.one],
    )
    const seen: string[] = []
    let place: Parameters<typeof laneHistory>[3] = null
    do {
      const page = await laneHistory(pool(), lane(), SHOP, place)
      seen.push(...page.lines.map(({ what }) => what))
      place = page.older
    } while (place)
    expect(seen).toHaveLength(121)
    expect(new Set(seen).size).toBe(121)
    expect(seen.slice(0, 2)).toEqual(['n120', 'n119'])
  })

  it('told of a hold that was changed as of a second one', async () => {
    await holdBySupport(pool(), lane(), HOLD, BY, SHOP)
    await holdBySupport(pool(), lane(), { ...HOLD, reason: 'Other words.' }, BY, SHOP, { replace: true })
    await releaseBySupport(pool(), lane(), 'Over.', BY, SHOP)
    await holdBySupport(pool(), lane(), HOLD, BY, SHOP)
    const { lines } = await laneHistory(pool(), lane(), SHOP, null)
    expect(lines.map(({ what, message }) => [what, message]).slice(0, 4)).toEqual([
      ['hold', HOLD.reason],
      ['release', null],
      ['hold_changed', 'Other words.'],
      ['hold', HOLD.reason],
    ])
  })

  it('says who held and released it, and why', async () => {
    await holdBySupport(pool(), lane(), HOLD, BY, SHOP)
    await releaseBySupport(pool(), lane(), 'They are back.', { ...BY, actor: 'other@example.com' }, SHOP)
    const { lines } = await laneHistory(pool(), lane(), SHOP, null)
    expect(lines.slice(0, 2)).toMatchObject([
      { what: 'release', actor: 'other@example.com', reason: 'They are back.' },
      { what: 'hold', actor: BY.actor, reason: HOLD.reason, message: HOLD.reason },
    ])
    // What the merchant did, and what was done elsewhere, is nobody's of support.
    await switchLane(pool(), lane(), false)
    const { lines: after } = await laneHistory(pool(), lane(), 'two.myshopify.com', null)
    expect(after.map(({ what, actor }) => [what, actor]).slice(0, 3)).toEqual([
      ['off', null],
      ['release', null],
      ['hold', null],
    ])
  })

  it('tells a disconnection that is under way, and called off, as what it is', async () => {
    const set = (attention: string | null) =>
      pool().query('update connections set attention = $1', [attention])
    await set(HELD_REASONS.disconnecting)
    await set(null)
    await set('Wrong key.')
    await set(null)
    const { lines } = await laneHistory(pool(), lane(), SHOP, null)
    expect(lines.slice(0, 4).map(({ what, message }) => [what, message])).toEqual([
      ['attention_over', null],
      ['attention', 'Wrong key.'],
      ['disconnecting_over', null],
      ['disconnecting', null],
    ])
  })

  it('says who of support connected it and saved its settings', async () => {
    const save = (actor: string | null, settings: object) =>
      withTransaction(pool(), async client => {
        await saveConnection(client, sealer, shops.two, vendorById('alana'), { ...KEY, ...settings })
        const entry = { action: 'vendor_connect', shop: 'two.myshopify.com', vendor: 'alana' } as const
        if (actor !== null) await writeAudit(client, { ...BY, actor }, [entry])
      })
    await save('first@example.com', {})
    await save('second@example.com', { apiKey: 'ak_live_9876543210' })
    await save(null, { apiKey: 'ak_live_5555555555' })
    const { lines } = await laneHistory(pool(), lane(shops.two), 'two.myshopify.com', null)
    expect(lines.map(({ what, actor }) => [what, actor])).toEqual([
      ['settings', null],
      ['settings', 'second@example.com'],
      ['connected', 'first@example.com'],
    ])
  })

  it('goes on between alerts and changes where the page before ended', async () => {
    await pool().query(
      `insert into connection_changes (shop_id, vendor, at, what) select $1, 'alana', now() - make_interval(mins => n), 'n' || n from generate_series(60, 1, -1) n`,
      [shops.one],
    )
    await pool().query(
      `insert into alerts (shop_id, vendor, kind, opened_at, level, since, message, resolved_at)
       select $1, 'alana', 'waiting', now() - make_interval(mins => n), 50, now(), 'a' || n, now() - make_interval(mins => n, secs => -30)
       from generate_series(1, 60) n`,
      [shops.one],
    )
    const seen: string[] = []
    let place: Parameters<typeof laneHistory>[3] = null
    do {
      const page = await laneHistory(pool(), lane(), SHOP, place)
      seen.push(...page.lines.map(({ at, what, message }) => `${what} ${message} ${at}`))
      place = page.older
    } while (place)
    expect(seen).toHaveLength(181)
    expect(new Set(seen).size).toBe(181)
  })

  it('reads a page of changes, however many there are', async () => {
    await pool().query(
      `insert into connection_changes (shop_id, vendor, at, what) select $1, 'alana', now(), 'n' || n from generate_series(1, 20000) n`,
      [shops.one],
    )
    await pool().query('analyze connection_changes')
    const { rows } = await pool().query(`explain (analyze, format json) ${CHANGES}`, [
      ...[shops.one, 'alana', null, SHOP, '{}'],
    ])
    const read = [
      ...JSON.stringify(rows).matchAll(/"Relation Name":"connection_changes".*?"Actual Rows":(\d+)/g),
    ]
    expect(read.map(match => Number(match[1]))).toEqual([51, 0])
  })
})
