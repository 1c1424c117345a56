import { describe, expect, it } from 'vitest'
import type { Disturbance, Evidence, Sighting, Wanted } from './evidence.ts'
import { verify } from './verify.ts'

let seq = 0
const wanted = (key: string, over: Partial<Wanted> = {}): Wanted => ({
  vendor: 'ecomail',
  key,
  acknowledged: true,
  ...over,
})
/** Received by Ecomail a second after the one before it. */
const seen = (key: string, over: Partial<Sighting> = {}): Sighting => {
  seq += 1
  const at = over.at ?? seq * 100_000
  return {
    vendor: 'ecomail',
    seq,
    key,
    at,
    answeredAt: at,
    accepted: true,
    absorbed: false,
    answerSpoiled: false,
    sender: 'worker-1#1',
    ...over,
  }
}
const evidence = (over: Partial<Evidence> = {}): Evidence => ({
  wanted: [],
  sightings: [],
  disturbances: [],
  deliveries: [],
  armed: [],
  refused: [],
  crashes: [],
  terminations: [],
  ...over,
})
const broken = (over: Partial<Evidence>) =>
  verify(evidence(over)).violations.map(({ kind, what }) => `${kind}: ${what}`)

describe('what was acknowledged', () => {
  it('and arrived is no violation', () => {
    expect(broken({ wanted: [wanted('view:1')], sightings: [seen('view:1')] })).toEqual([])
  })

  it('and never arrived is lost', () => {
    expect(broken({ wanted: [wanted('view:1'), wanted('view:2')], sightings: [seen('view:2')] })).toEqual([
      'lost: ecomail view:1',
    ])
  })

  it('and was refused by the vendor every time is lost', () => {
    const sightings = [seen('view:1', { accepted: false })]
    expect(broken({ wanted: [wanted('view:1')], sightings })).toEqual(['lost: ecomail view:1'])
  })

  it('and arrived at another vendor is lost', () => {
    const sightings = [seen('view:1', { vendor: 'alana' })]
    expect(broken({ wanted: [wanted('view:1'), wanted('view:1', { vendor: 'alana' })], sightings })).toEqual([
      'lost: ecomail view:1',
    ])
  })

  it('is not required without its acknowledgement, but may arrive', () => {
    const one = wanted('view:1', { acknowledged: false })
    expect(broken({ wanted: [one] })).toEqual([])
    expect(broken({ wanted: [one], sightings: [seen('view:1')] })).toEqual([])
  })
})

describe('an event that nobody sent', () => {
  it('is named', () => {
    expect(broken({ sightings: [seen('view:9')] })).toEqual(['unasked: ecomail view:9'])
  })
})

describe('the states of an order', () => {
  const states = [1, 2, 3].map(state => wanted(`transaction:7:${state}`))
  const received = (...numbers: number[]) => numbers.map(state => seen(`transaction:7:${state}`))

  it('need not all arrive, only the newest', () => {
    expect(broken({ wanted: states, sightings: received(1, 3) })).toEqual([])
    expect(broken({ wanted: states, sightings: received(3) })).toEqual([])
  })

  it('are lost when the newest is missing', () => {
    expect(broken({ wanted: states, sightings: received(1, 2) })).toEqual([
      'lost: ecomail order 7: state 3, received 1, 2',
    ])
    expect(broken({ wanted: states })).toEqual(['lost: ecomail order 7: state 3, received none'])
  })

  it('need not reach a state that was never acknowledged', () => {
    const last = wanted('transaction:7:4', { acknowledged: false })
    expect(broken({ wanted: [...states, last], sightings: received(3) })).toEqual([])
    expect(broken({ wanted: [...states, last], sightings: received(4) })).toEqual([])
  })

  it('are stale when an older one came after a newer one, even if the newest came again', () => {
    expect(broken({ wanted: states, sightings: received(2, 3, 1) })).toEqual([
      'stale: ecomail order 7: received 2, 3, 1',
    ])
    expect(broken({ wanted: states, sightings: received(2, 1, 3) })).toEqual([
      'stale: ecomail order 7: received 2, 1, 3',
    ])
  })

  it('are told apart by their order', () => {
    const other = [wanted('transaction:8:1')]
    const sightings = [...received(3), seen('transaction:8:1')]
    expect(broken({ wanted: [...states, ...other], sightings })).toEqual([])
  })
})

describe('an event that arrived twice', () => {
  const [at, sender] = [1_000_000, 'worker-1#1']
  const first = (over: Partial<Sighting> = {}) => seen('view:1', { at, ...over })
  const again = (over: Partial<Sighting> = {}) =>
    seen('view:1', { at: at + 12_000, sender: 'worker-2#1', ...over })
  const explanation = (one: Sighting, two: Sighting, ...disturbances: Disturbance[]) =>
    verify(evidence({ wanted: [wanted('view:1')], sightings: [one, two], disturbances })).duplicates[0]
      ?.explanation
  const disturbance = (kind: Disturbance['kind'], over: Partial<Disturbance> = {}): Disturbance => ({
    kind,
    sender,
    from: at + 20,
    to: at + 20,
    ...over,
  })

  it('without any reason is a violation', () => {
    const sightings = [first(), again()]
    expect(broken({ wanted: [wanted('view:1')], sightings })).toEqual([
      'unexplained_duplicate: ecomail view:1: by worker-1#1 at 00:16:40.000, by worker-2#1 at 00:16:52.000',
    ])
  })

  it('is explained when its sender was killed before it could record the answer', () => {
    expect(explanation(first(), again(), disturbance('killed'))).toBe('killed')
  })

  it('is not explained by the death of another, nor by one long after the answer', () => {
    expect(explanation(first(), again(), disturbance('killed', { sender: 'worker-3#1' }))).toBeNull()
    const after = { from: at + 9_000, to: at + 9_000 }
    expect(explanation(first(), again(), disturbance('killed', after))).toBeNull()
  })

  it('is explained by a death before the vendor came to read the request', () => {
    const before = { from: at - 500, to: at - 400 }
    expect(explanation(first(), again(), disturbance('killed', before))).toBe('killed')
  })

  it('tells how long the take-over took', () => {
    const { duplicates } = verify(
      evidence({ sightings: [first(), again()], disturbances: [disturbance('killed')] }),
    )
    expect(duplicates[0]?.takenOverAfterMs).toBe(11_980)
  })

  it('tells no such time when another worker was killed meanwhile, which may have had the lane', () => {
    const meanwhile = { from: at + 5_000, to: at + 5_000 }
    const takenOver = (other: string) =>
      verify(
        evidence({
          sightings: [first(), again()],
          disturbances: [disturbance('killed'), disturbance('killed', { sender: other, ...meanwhile })],
        }),
      ).duplicates[0]?.takenOverAfterMs
    expect(takenOver('worker-3#1')).toBeNull()
    expect(takenOver('web#4')).toBe(11_980)
  })

  it('is a violation when the take-over took more than 30 s', () => {
    const sightings = [first(), again({ at: at + 31_000 })]
    const found = broken({ wanted: [wanted('view:1')], sightings, disturbances: [disturbance('killed')] })
    expect(found).toEqual(['slow_take_over: ecomail view:1: 31.0 s'])
  })

  it('is explained by an answer that was lost, and not by one that was only slow', () => {
    expect(explanation(first({ answerSpoiled: true }), again())).toBe('answer_spoiled')
    expect(explanation(first({ answeredAt: at + 1500 }), again())).toBeNull()
  })

  it('is explained by a database that was down when the answer came, whoever sent it', () => {
    const outage = { sender: null, from: at + 1_000, to: at + 4_000 }
    expect(explanation(first(), again(), disturbance('outage', outage))).toBe('outage')
    const later = { ...outage, from: at + 5_000 }
    expect(explanation(first(), again(), disturbance('outage', later))).toBeNull()
  })

  it('is not explained by a freeze that was over', () => {
    const freeze = { from: at - 15_000, to: at - 500 }
    expect(explanation(first(), again(), disturbance('frozen', freeze))).toBeNull()
  })

  it('is explained by a freeze between the answer and its record', () => {
    const freeze = { from: at + 5, to: at + 15_000 }
    expect(explanation(first(), again(), disturbance('frozen', freeze))).toBe('frozen')
  })

  it('is explained when the second sender had slept through the take-over, and just woke up', () => {
    const freeze = { sender: 'worker-2#1', from: at - 9_000, to: at + 11_000 }
    expect(explanation(first(), again(), disturbance('frozen', freeze))).toBe('woken')
    const long = { ...freeze, to: at + 3_000 }
    expect(explanation(first(), again(), disturbance('frozen', long))).toBeNull()
  })

  it('is not explained by a SIGTERM, unless the answer came after the end', () => {
    const end = { from: at - 500, to: at + 20 }
    expect(explanation(first(), again(), disturbance('terminated', end))).toBeNull()
    const slow = first({ answeredAt: at + 1500 })
    expect(explanation(slow, again(), disturbance('terminated', end))).toBe('ended_before_answer')
  })

  it('is counted each time', () => {
    const sightings = [first(), again(), again({ at: at + 24_000 })]
    expect(verify(evidence({ sightings })).duplicates).toHaveLength(2)
  })

  it('is none when the vendor had refused it the first time', () => {
    expect(verify(evidence({ sightings: [first({ accepted: false }), again()] })).duplicates).toEqual([])
  })
})

describe('what is left at the end', () => {
  it('must not be open, given up or held', () => {
    const deliveries = [
      { vendor: 'alana', state: 'delivered', reason: null, count: 9 },
      { vendor: 'alana', state: 'skipped', reason: 'superseded', count: 9 },
      { vendor: 'alana', state: 'pending', reason: null, count: 1 },
      { vendor: 'alana', state: 'retry', reason: 'transient', count: 2 },
      { vendor: 'topmail', state: 'dead', reason: 'rejected', count: 3 },
      { vendor: 'topmail', state: 'held', reason: 'refused', count: 4 },
    ]
    expect(broken({ deliveries })).toEqual([
      'stuck: 1 of alana pending',
      'stuck: 2 of alana retry (transient)',
      'not_delivered: 3 of topmail dead (rejected)',
      'not_delivered: 4 of topmail held (refused)',
    ])
  })

  it('must be no job, no strange answer, no crash of its own and no slow stop', () => {
    const found = broken({
      armed: ['1:alana (active)'],
      refused: ['orders/paid: 401'],
      crashes: ['web#2 ended by itself with 1'],
      terminations: [900, 12_000, 31_400],
    })
    expect(found).toEqual([
      'armed: 1:alana (active)',
      'refused: orders/paid: 401',
      'crashed: web#2 ended by itself with 1',
      'slow_to_stop: 31.4 s',
    ])
  })
})
