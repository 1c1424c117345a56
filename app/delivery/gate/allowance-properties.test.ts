/**
 * What must hold whatever happens: a small world of lanes, a vendor and a network that delays as it likes, played in
 * the order of time. The gate's own code decides (offer, grant, settle, announce); the world only watches.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type AllowanceState,
  announce,
  current,
  grant,
  HOLD_MS,
  IN_FLIGHT_MS,
  limitOf,
  REQUEST_MS,
  type Rule,
  settle,
  USABLE_MS,
  unused,
} from './allowance.ts'
import { enqueue, offer, turnOf } from './queue.ts'

const START = Date.parse('2026-11-20T12:00:00.000Z')

/** Things that happen at a time, taken in order. */
class Timeline {
  readonly #events: { at: number; number: number; run: (now: number) => void }[] = []
  #number = 0

  add(at: number, run: (now: number) => void): void {
    this.#number += 1
    const number = this.#number
    let index = this.#events.length
    while (index > 0 && (this.#events[index - 1]?.at ?? 0) > at) index -= 1
    this.#events.splice(index, 0, { at, number, run })
  }

  run(until: number): void {
    for (let event = this.#events.shift(); event && event.at <= until; event = this.#events.shift())
      event.run(event.at)
  }
}

/** The ends of the range most of all: there the bounds are. */
const part = fc.oneof(fc.constantFrom(0, 1), fc.double({ min: 0, max: 1, noNaN: true }))
/** How the requests of one pass go; each number is a part of the longest time there is for it, 0 to 1. */
const journeys = fc.array(
  fc.record({
    begins: part,
    travels: part,
    returns: part,
    settles: fc.integer({ min: 0, max: 3_000 }),
    ends: fc.constantFrom('answered', 'answered', 'answered', 'lost', 'crashed', 'not used'),
    quick: fc.boolean(),
  }),
  { minLength: 1, maxLength: 4 },
)
const asks = fc.array(
  fc.record({ after: fc.integer({ min: 0, max: 2_000 }), lane: fc.integer({ min: 1, max: 3 }), journeys }),
  { minLength: 1, maxLength: 120, size: 'max' },
)
const rules = fc.record({
  requests: fc.integer({ min: 1, max: 4 }),
  windowMs: fc.constantFrom(1_000, 5_000, 60_000),
  assumed: fc.constant(false),
})

type Watched = { arrivals: number[]; idle: string[] }

/** Plays the asks against one allowance. */
function play(rule: Rule, given: readonly Ask[]): Watched {
  const timeline = new Timeline()
  const watched: Watched = { arrivals: [], idle: [] }
  /** The world's own count: until when each permit counts. */
  const counting: { until: number }[] = []
  let state: AllowanceState = unused()
  let comes = START
  for (const [index, plan] of given.entries()) {
    comes += plan.after
    timeline.add(comes, now => {
      state = current(state, rule, now)
      const lane = `${plan.lane}`
      const offered = offer(state, rule, lane, plan.journeys.length, now)
      const counts = counting.filter(({ until }) => until > now).length
      if (offered === 0 && counts < rule.requests && state.queue.length === 0)
        watched.idle.push(`${counts} of ${rule.requests} at ${now - START}`)
      if (offered === 0) {
        state = enqueue(state, lane, turnOf(state, rule, lane, now))
        return
      }
      const id = `${index}`
      state = grant(state, lane, id, offered, now)
      for (const journey of plan.journeys.slice(0, offered)) {
        const permit = { until: now + HOLD_MS + rule.windowMs }
        counting.push(permit)
        travel(timeline, now, journey, watched, (end, unusedPermits) => {
          state = settle(current(state, rule, end.settledAt), id, end.answers, unusedPermits)
          const slice = Math.min(1_000, rule.windowMs / 100)
          const [answer] = end.answers
          permit.until = answer
            ? answer.at + rule.windowMs + slice + (answer.answered ? 0 : IN_FLIGHT_MS)
            : end.settledAt
        })
      }
    })
  }
  timeline.run(Number.POSITIVE_INFINITY)
  watched.arrivals.sort((a, b) => a - b)
  return watched
}

type Ask = { after: number; lane: number; journeys: Journey[] }
type Journey = {
  begins: number
  travels: number
  returns: number
  settles: number
  ends: string
  quick: boolean
}
type End = { settledAt: number; answers: { at: number; answered: boolean }[] }

/** One request: begun, on its way, at the vendor, answered, written down; or some of these. */
function travel(
  timeline: Timeline,
  givenAt: number,
  journey: Journey,
  watched: Watched,
  settled: (end: End, unusedPermits: number) => void,
): void {
  const scale = journey.quick ? 0.01 : 1
  const begins = givenAt + journey.begins * USABLE_MS * scale
  const over = begins + journey.returns * REQUEST_MS * scale
  const settledAt = over + journey.settles
  if (journey.ends === 'not used') {
    timeline.add(settledAt, at => settled({ settledAt: at, answers: [] }, 1))
    return
  }
  const arrivalEnd = journey.ends === 'answered' ? over : over + IN_FLIGHT_MS
  watched.arrivals.push(begins + journey.travels * (arrivalEnd - begins))
  if (journey.ends === 'crashed') return
  const answered = journey.ends === 'answered'
  timeline.add(settledAt, at => settled({ settledAt: at, answers: [{ at: over, answered }] }, 0))
}

/** The shortest time within which more than the limit arrived; infinite when there never were more. */
function tightest(arrivals: readonly number[], requests: number): number {
  return Math.min(
    Number.POSITIVE_INFINITY,
    ...arrivals.slice(requests).map((at, i) => at - (arrivals[i] ?? 0)),
  )
}

describe('whatever the network does and whoever dies', () => {
  it('no window holds more arrivals than the limit', () => {
    fc.assert(
      fc.property(rules, asks, (rule, plans) => {
        expect(tightest(play(rule, plans).arrivals, rule.requests)).toBeGreaterThanOrEqual(rule.windowMs)
      }),
      { numRuns: 400 },
    )
  })

  it('a permit is given at once when fewer count than are allowed and nobody waits', () => {
    fc.assert(
      fc.property(rules, asks, (rule, plans) => {
        expect(play(rule, plans).idle).toEqual([])
      }),
      { numRuns: 400 },
    )
  })

  it.each(['crashed', 'lost'])('the last moment at which a %s request may arrive is kept free', ends => {
    const rule: Rule = { requests: 1, windowMs: 5_000, assumed: false }
    const last: Journey = { begins: 1, travels: 1, returns: 1, settles: 0, ends, quick: false }
    const quick: Journey = { begins: 0, travels: 0, returns: 0, settles: 0, ends: 'answered', quick: true }
    const polls = Array.from({ length: 200 }, (): Ask => ({ after: 500, lane: 2, journeys: [quick] }))
    const { arrivals } = play(rule, [{ after: 0, lane: 1, journeys: [last] }, ...polls])
    expect(tightest(arrivals, rule.requests)).toBeGreaterThanOrEqual(rule.windowMs)
    expect(arrivals.length).toBeGreaterThan(3)
  })

  it('notices a permit that counts too short (the watcher works)', () => {
    const rule: Rule = { requests: 1, windowMs: 5_000, assumed: false }
    expect(tightest([0, 4_999], rule.requests)).toBeLessThan(rule.windowMs)
    expect(tightest([0, 5_000], rule.requests)).toBe(rule.windowMs)
  })
})

describe('lanes that come when they are told', () => {
  const crowds = fc.record({
    lanes: fc.integer({ min: 1, max: 150 }),
    requests: fc.integer({ min: 1, max: 10 }),
    windowMs: fc.constantFrom(1_000, 5_000, 60_000),
    latency: fc.integer({ min: 0, max: 400 }),
    late: fc.integer({ min: 0, max: 1_500 }),
  })

  it('are each served within a few turns, in about the time that the limit takes', () => {
    fc.assert(
      fc.property(crowds, ({ lanes, requests, windowMs, latency, late }) => {
        const rule: Rule = { requests, windowMs, assumed: false }
        const timeline = new Timeline()
        const turns = new Map<string, number>()
        const served: number[] = []
        let state = unused()
        let lastAt = START
        const come = (lane: string) => (now: number) => {
          turns.set(lane, (turns.get(lane) ?? 0) + 1)
          state = current(state, rule, now)
          if (offer(state, rule, lane, 1, now) === 0) {
            const at = turnOf(state, rule, lane, now)
            state = enqueue(state, lane, at)
            timeline.add(at + ((Number(lane) * 37) % (late + 1)), come(lane))
            return
          }
          state = grant(state, lane, lane, 1, now)
          served.push(Number(lane))
          lastAt = now
          timeline.add(now + latency, at => {
            state = settle(current(state, rule, at), lane, [{ at, answered: true }], 0)
          })
        }
        for (let lane = 0; lane < lanes; lane += 1) timeline.add(START + lane, come(`${lane}`))
        timeline.run(Number.POSITIVE_INFINITY)
        expect(served).toHaveLength(lanes)
        const rounds = Math.ceil(lanes / requests)
        expect(lastAt - START).toBeLessThanOrEqual((rounds + 1) * (windowMs + latency + late + 2_000))
        // Each round is a little longer than a window, so who is far behind comes a few times too early.
        expect(Math.max(...turns.values())).toBeLessThanOrEqual(10)
        const all = [...turns.values()].reduce((sum, count) => sum + count, 0)
        expect(all).toBeLessThanOrEqual(6 * lanes)
      }),
      { numRuns: 150 },
    )
  })
})

describe('a vendor that announces what remains', () => {
  const steps = fc.array(
    fc.record({
      pause: fc.integer({ min: 0, max: 4_000 }),
      want: fc.integer({ min: 1, max: 6 }),
      foreign: fc.integer({ min: 0, max: 3 }),
      latency: fc.integer({ min: 0, max: 300 }),
      delays: fc.integer({ min: 0, max: 3_000 }),
    }),
    { minLength: 1, maxLength: 40 },
  )

  it('is never sent more than it said, also when others use the same key and the declared number is wrong', () => {
    fc.assert(
      fc.property(
        steps,
        fc.integer({ min: 2, max: 20 }),
        fc.integer({ min: 1, max: 20 }),
        fc.boolean(),
        (plan, real, declared, assumed) => {
          const rule: Rule = { requests: declared, windowMs: 10_000, assumed }
          const vendor: number[] = []
          let state = unused()
          let promised: { left: number; until: number } | null = null
          let time = START
          for (const [index, step] of plan.entries()) {
            time += step.pause
            state = current(state, rule, time)
            const offered = offer(state, rule, '1', step.want, time)
            const id = `${index}`
            if (offered > 0) state = grant(state, '1', id, offered, time)
            for (let sent = 0; sent < offered; sent += 1) {
              const begins = time
              const arrives = begins + step.latency
              if (promised && arrives < promised.until) {
                promised.left -= 1
                expect(promised.left).toBeGreaterThanOrEqual(0)
              }
              vendor.push(arrives)
              time = arrives + step.latency
              const inWindow = vendor.filter(at => at > arrives - rule.windowMs)
              const remaining = Math.max(0, real - inWindow.length)
              const wait = (inWindow[0] ?? arrives) + rule.windowMs - time
              promised = { left: remaining, until: time + Math.max(wait, 0) }
              state = settle(current(state, rule, time), id, [{ at: time, answered: true }], 0)
              state = announce(state, rule, { remaining, wait, at: begins, heardAt: time })
              state = current(state, rule, time)
              if (remaining === 0) break
            }
            state = settle(state, id, [], offered)
            // Others with the same key.
            for (let other = 0; other < step.foreign; other += 1) vendor.push(time)
            time += step.delays
          }
          expect(limitOf(state, rule)).toBe(declared)
        },
      ),
      { numRuns: 300 },
    )
  })
})
