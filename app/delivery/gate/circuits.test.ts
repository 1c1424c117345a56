/** Circuits on a real PostgreSQL, over two nodes. */
import { describe, expect, it } from 'vitest'
import { answer } from '../../vendors/testing.ts'
import type { Lane } from '../lane.ts'
import { laneCircuit } from './circuits.ts'
import type { Gate } from './gate.ts'
import { FREE, failure, limit, passed, shop, tiny, twoNodes, used, waited } from './testing.ts'

const nodes = twoNodes()

describe('a circuit', () => {
  /** Lets a lane fail so often. */
  async function fail(at: Gate, lane: Lane, times: number): Promise<void> {
    const pass = passed(await at.ask(lane, FREE, times))
    for (let i = 0; i < times; i += 1) if (pass.take()) pass.answered(failure)
    await pass.close()
  }

  it('of a lane opens after five failures, ends the pass, and is seen by others within a second', async () => {
    passed(await nodes.there.ask(shop(1), FREE, 1))
    const pass = passed(await nodes.here.ask(shop(1), FREE, 50))
    for (let i = 0; i < 5; i += 1) pass.answered(failure)
    await pass.flush()
    expect(pass.take()).toBe(false)
    expect(waited(await nodes.here.ask(shop(1), FREE, 1)).why).toBe('lane_circuit')
    nodes.now += 1_000
    const { why, until } = waited(await nodes.there.ask(shop(1), FREE, 1))
    expect(why).toBe('lane_circuit')
    expect(until - nodes.now).toBeGreaterThan(6_900)
    expect(until - nodes.now).toBeLessThanOrEqual(9_000)
    expect((await nodes.there.ask(shop(2), FREE, 1)).kind).toBe('go')
  })

  it('of a vendor opens for all when two lanes fail, and not for one', async () => {
    await fail(nodes.here, shop(1), 5)
    nodes.now += 30_000
    expect((await nodes.here.ask(shop(2), FREE, 1)).kind).toBe('go')
    await fail(nodes.here, shop(2), 5)
    expect(waited(await nodes.here.ask(shop(3), FREE, 1)).why).toBe('vendor_circuit')
    expect((await nodes.here.ask({ shopId: 3, vendor: 'another' }, FREE, 1)).kind).toBe('go')
  })

  it('does not open for 429 and other answers', async () => {
    const pass = passed(await nodes.here.ask(shop(1), FREE, 99))
    for (let i = 0; i < 99; i += 1) pass.answered({ answer: answer(429), failed: false })
    await pass.close()
    expect((await nodes.here.ask(shop(1), FREE, 1)).kind).toBe('go')
  })

  it('lets exactly one try once its rest is over, and closes when that works', async () => {
    await fail(nodes.here, shop(1), 5)
    nodes.now += 10_000
    const limited = tiny([limit(5)])
    const asked = await Promise.all([nodes.here.ask(shop(1), limited, 5), nodes.there.ask(shop(1), FREE, 5)])
    const probes = asked.filter(each => each.kind === 'go')
    expect(probes).toHaveLength(1)
    const [probe] = probes
    expect(probe).toMatchObject({ permits: 1, probe: true })
    expect((await nodes.there.ask(shop(1), FREE, 1)).kind).toBe('wait')
    if (probe) await used(passed(probe))
    nodes.now += 1_000
    expect(passed(await nodes.here.ask(shop(1), FREE, 3))).toMatchObject({ permits: 3, probe: false })
    expect(passed(await nodes.there.ask(shop(1), FREE, 3))).toMatchObject({ permits: 3, probe: false })
  })

  it('rests longer when the try fails', async () => {
    await fail(nodes.here, shop(1), 5)
    nodes.now += 10_000
    await used(passed(await nodes.there.ask(shop(1), FREE, 1)), failure)
    const { until } = waited(await nodes.there.ask(shop(1), FREE, 1))
    expect(until - nodes.now).toBeGreaterThanOrEqual(16_000)
    expect(until - nodes.now).toBeLessThanOrEqual(20_000)
  })

  it('lets another try when the one who tried had nothing to send, or died', async () => {
    await fail(nodes.here, shop(1), 5)
    nodes.now += 10_000
    await passed(await nodes.here.ask(shop(1), FREE, 1)).close()
    passed(await nodes.there.ask(shop(1), FREE, 1))
    nodes.now += 54_000
    expect(waited(await nodes.here.ask(shop(1), FREE, 1)).why).toBe('lane_circuit')
    nodes.now += 2_000
    expect(passed(await nodes.here.ask(shop(1), FREE, 1)).probe).toBe(true)
  })

  it('takes no permit from one who may not try', async () => {
    await fail(nodes.here, shop(1), 5)
    nodes.now += 10_000
    // What this node knows of circuits is from before the other began to try.
    passed(await nodes.there.ask(shop(2), FREE, 1))
    const first = passed(await nodes.here.ask(shop(1), tiny([limit(2)]), 1))
    waited(await nodes.there.ask(shop(1), tiny([limit(2)]), 1))
    await first.close()
    expect(passed(await nodes.there.ask(shop(2), tiny([limit(2)]), 9)).permits).toBe(2)
  })

  it.each(['here', 'there'] as const)(
    'starts anew after it closed, tried %s: one more failure does not open it',
    async where => {
      await fail(nodes.here, shop(1), 5)
      nodes.now += 10_000
      await used(passed(await nodes[where].ask(shop(1), FREE, 1)))
      nodes.now += 1_000
      await fail(nodes.here, shop(1), 1)
      expect((await nodes.here.ask(shop(1), FREE, 1)).kind).toBe('go')
    },
  )

  it('closed by a person keeps no node waiting, however young its picture, and starts anew there', async () => {
    await fail(nodes.here, shop(1), 5)
    for (const node of ['here', 'there'] as const) waited(await nodes[node].ask(shop(1), FREE, 1))
    await nodes.test.database.pool.query('delete from circuits where key = $1', [laneCircuit(shop(1))])
    nodes.now += 1
    for (const node of ['here', 'there'] as const) passed(await nodes[node].ask(shop(1), FREE, 1))
    await fail(nodes.here, shop(1), 1)
    passed(await nodes.here.ask(shop(1), FREE, 1))
  })

  it('costs a dead vendor’s thousand lanes a few time-outs, not one each', async () => {
    let timeOuts = 0
    for (let lane = 1; lane <= 1_000; lane += 1) {
      const asked = await nodes.here.ask(shop(lane), FREE, 1)
      if (asked.kind === 'wait') continue
      timeOuts += 1
      asked.take()
      asked.answered({ answer: null, failed: true, durationMs: 30_000 })
      await asked.close()
    }
    expect(timeOuts).toBeLessThanOrEqual(4)
  })
})
