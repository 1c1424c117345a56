import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type FaultInput, Faults } from './faults.ts'
import { type Sandbox, startVendors } from './server.ts'
import { call, KEYS } from './testing.ts'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await startVendors({ limits: false, contacts: { ecomail: ['john@example.com'] } })
})
beforeEach(() => sandbox.reset())
afterAll(() => sandbox.close())

const event = { event: { email: 'john@example.com' } }
const post = (signal?: AbortSignal) =>
  call('POST', `${sandbox.urls.ecomail}/tracker/events`, KEYS.ecomail, event, signal)
const fail = (fault: FaultInput) => sandbox.fail('ecomail', fault)
const last = () => sandbox.inbox('ecomail').at(-1)

describe('what a fault does', () => {
  it('answers with a status, in the vendor’s error shape, once', async () => {
    fail({ status: 503 })
    const { status, body } = await post()
    expect([status, body]).toEqual([503, { message: expect.any(String) }])
    expect(last()).toMatchObject({ status: 503, accepted: false, taken: 0, fault: 'status 503' })
    expect((await post()).status).toBe(200)
  })

  it('answers with a body and headers', async () => {
    fail({ status: 429, body: { any: 'thing' }, headers: { 'retry-after': '7' } })
    const heard = await post()
    expect([heard.status, heard.body, heard.headers.get('retry-after')]).toEqual([429, { any: 'thing' }, '7'])
  })

  it('hides a failure in a 200 when only a body is given', async () => {
    fail({ body: { message: 'Wrong api key' } })
    const { status, body } = await post()
    expect([status, body]).toEqual([200, { message: 'Wrong api key' }])
    expect(last()).toMatchObject({ accepted: false })
  })

  it('answers with broken JSON', async () => {
    fail({ badJson: true })
    const heard = await post()
    expect(heard.status).toBe(200)
    expect(heard.headers.get('content-type')).toBe('application/json')
    expect(heard.body).toBeUndefined()
    expect(last()).toMatchObject({ accepted: false, answer: heard.text })
  })

  it('cuts the connection', async () => {
    fail({ reset: true })
    await expect(post()).rejects.toThrow()
    expect(last()).toMatchObject({ status: 0, accepted: false, fault: 'connection reset' })
  })

  it('never answers, until the caller gives up', async () => {
    fail({ hang: true })
    const caller = new AbortController()
    const heard = post(caller.signal)
    const entry = await sandbox.waitFor('ecomail', ({ fault }) => fault === 'no answer')
    expect(entry).toMatchObject({ status: 0, accepted: false })
    caller.abort()
    await expect(heard).rejects.toThrow()
  })

  it('waits, then answers as usual', async () => {
    fail({ delayMs: 40 })
    const before = performance.now()
    expect((await post()).status).toBe(200)
    expect(performance.now() - before).toBeGreaterThanOrEqual(39)
    expect(last()).toMatchObject({ accepted: true, fault: 'after 40 ms' })
  })

  it('adds headers to the vendor’s own answer', async () => {
    fail({ headers: { 'x-more': '1' } })
    const heard = await post()
    expect([heard.status, heard.headers.get('x-more')]).toEqual([200, '1'])
  })

  it('does not keep a closing sandbox waiting', async () => {
    const other = await startVendors()
    other.fail('alana', { hang: true })
    other.fail('alana', { delayMs: 600_000 })
    const one = call('GET', `${other.urls.alana}/1`).catch(() => 'cut')
    await other.waitFor('alana', ({ path }) => path === '/1')
    const two = call('GET', `${other.urls.alana}/2`).catch(() => 'cut')
    await other.close()
    expect([await one, await two]).toEqual(['cut', 'cut'])
  })
})

describe('what the vendor knows of it', () => {
  it('takes the event and loses the answer with record: before', async () => {
    fail({ reset: true, record: 'before' })
    await expect(post()).rejects.toThrow()
    expect(last()).toMatchObject({ status: 200, accepted: true, taken: 1, fault: 'connection reset' })
    expect(sandbox.counts('ecomail')).toMatchObject({ received: 1, accepted: 1 })
  })

  it('stores an order whose answer was spoiled', async () => {
    const order = { transaction: { order_id: '1', email: 'john@example.com' }, transaction_items: [] }
    fail({ status: 500, record: 'before' })
    const url = `${sandbox.urls.ecomail}/tracker/transaction`
    expect((await call('POST', url, KEYS.ecomail, order)).status).toBe(500)
    expect((await call('PUT', `${url}/1`, KEYS.ecomail, order)).status).toBe(200)
  })

  it('knows nothing with record: none', async () => {
    fail({ status: 502, record: 'none' })
    expect((await post()).status).toBe(502)
    expect(sandbox.counts('ecomail')).toMatchObject({ received: 0 })
  })
})

describe('a fault with a rate', () => {
  const drawing = (...draws: number[]) => new Faults(() => draws.shift() ?? 1)
  const statuses = (faults: Faults, requests: number) =>
    Array.from({ length: requests }, () => faults.take('GET', '/')?.status)

  it('befalls only as many requests as chance has it', () => {
    const faults = drawing(0.04, 0.05, 0.9, 0)
    faults.add({ status: 503, rate: 0.05, times: 100 })
    expect(statuses(faults, 4)).toEqual([503, undefined, undefined, 503])
  })

  it('lets the others go on to the next fault', () => {
    const faults = drawing(0.5, 0.1)
    faults.add({ status: 503, rate: 0.2, times: 100 })
    faults.add({ status: 500 })
    expect(statuses(faults, 3)).toEqual([500, 503, undefined])
  })

  it('counts only the requests that it befell', () => {
    const faults = drawing(0.9, 0, 0, 0)
    faults.add({ status: 503, rate: 0.5, times: 2 })
    expect(statuses(faults, 4)).toEqual([undefined, 503, 503, undefined])
  })

  it('is drawn for no request that it does not match', () => {
    const faults = drawing(0)
    faults.add({ status: 503, rate: 0.5, match: { path: '/other' } })
    faults.add({ status: 500, rate: 0.5 })
    expect(statuses(faults, 1)).toEqual([500])
  })

  it.each([0, 1.1, -1])('has no rate of %d', rate => {
    expect(() => drawing().add({ status: 503, rate })).toThrow()
  })
})

describe('the queue', () => {
  it('goes through faults in order, each so many times', async () => {
    fail({ status: 503, times: 2 })
    fail({ status: 429 })
    const statuses = [await post(), await post(), await post(), await post()].map(({ status }) => status)
    expect(statuses).toEqual([503, 503, 429, 200])
  })

  it('leaves requests alone that a fault does not match', async () => {
    fail({ status: 503, match: { path: '/tracker/transaction' } })
    fail({ status: 500, match: { method: 'GET' } })
    expect((await post()).status).toBe(200)
    expect((await call('GET', `${sandbox.urls.ecomail}/lists`, KEYS.ecomail)).status).toBe(500)
  })

  it('touches one vendor only, and is taken back by heal', async () => {
    fail({ status: 503, times: 9 })
    expect((await call('GET', `${sandbox.urls.alana}/api/v1/autocomplete?query=te`, KEYS.alana)).status).toBe(
      200,
    )
    sandbox.heal('ecomail')
    expect((await post()).status).toBe(200)
  })

  it.each([{}, { times: 2 }, { status: 99 }, { staus: 500 }])('does not take %j for a fault', fault => {
    expect(() => fail(fault as FaultInput)).toThrow()
  })
})
