/** Whatever a vendor answers: each delivery has an outcome and a masked story, its lane goes on, others are not touched. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createSender } from '../../app/delivery/send.ts'
import { SIGNED_IN } from '../../sandbox/store/payloads.ts'
import { SETTINGS, startApp, type TestApp } from '../support/app.ts'
import { answers, dribbles, type Oddity, type OddVendor, startOddVendor } from '../support/odd-vendor.ts'
import { orders } from '../support/orders.ts'

const NAMES = ['ecomail', 'topmail', 'alana', 'voucherify'] as const
type Name = (typeof NAMES)[number]
const KEYS: Record<Name, string> = {
  ecomail: SETTINGS.ecomail.apiKey,
  topmail: SETTINGS.topmail.apiKey,
  alana: SETTINGS.alana.apiKey,
  voucherify: SETTINGS.voucherify.appToken,
}
const MORE: Record<Name, object> = {
  ecomail: { clearBasket: false },
  topmail: { rows: { order_created: true } },
  alana: {},
  voucherify: {},
}

let app: TestApp
let odd: Record<Name, OddVendor>
let trap: OddVendor
const order = orders(() => app)

beforeAll(async () => {
  const [ecomail, topmail, alana, voucherify, elsewhere] = await Promise.all([
    ...NAMES.map(startOddVendor),
    startOddVendor(),
  ])
  if (!ecomail || !topmail || !alana || !voucherify || !elsewhere) throw new Error('not started')
  odd = { ecomail, topmail, alana, voucherify }
  trap = elsewhere
  const env = Object.fromEntries(NAMES.map(name => [`${name.toUpperCase()}_BASE_URL`, odd[name].url]))
  app = await startApp({ env, sender: createSender(700) })
})
afterAll(async () => {
  await app?.close()
  await Promise.all([...Object.values(odd ?? {}), trap].map(server => server?.close()))
})
beforeEach(async () => {
  await app.reset()
  for (const server of [...Object.values(odd), trap]) server.reset()
  order.next()
})

const connect = (names: readonly Name[]) =>
  Promise.all(names.map(name => app.connect(name, { ...SETTINGS[name], ...MORE[name] })))
const ofVendor = async (name: string) => (await app.deliveries()).filter(({ vendor }) => vendor === name)
const states = async (name: string) => (await ofVendor(name)).map(({ state }) => state).sort()

/** The first exchange with the vendor, as it is stored, and what its attempt came to. */
async function story(name: Name) {
  const { rows } = await app.server.services.pool.query<{
    request: unknown
    response: { status: number; body: unknown } | null
    error: string | null
    outcome: string
    message: string | null
    log: string | null
  }>(
    `select x.request, x.response, x.error, a.outcome, a.message, a.log from exchanges x
     join attempts a on a.shop_id = x.shop_id and a.exchange_id = x.id
     where x.vendor = $1 order by (a.outcome = 'delivered'), x.started_at limit 1`,
    [name],
  )
  const [row] = rows
  if (!row) throw new Error(`nothing was sent to ${name}`)
  return row
}

/** Three orders to each, and the first request to each is answered badly. */
async function meet(bad: Oddity, names: readonly Name[] = NAMES) {
  await connect(names)
  for (const name of names) odd[name].next(bad)
  for (let n = 0; n < 3; n++) {
    await order.send('orders/create')
    order.next()
  }
  for (const name of names)
    await expect.poll(() => states(name), { timeout: 10_000 }).not.toContain('pending')
}

/** Spares the test the waiting for the next attempt. */
async function again(names: readonly Name[] = NAMES) {
  await app.server.services.pool.query(`update deliveries set due_at = now() where state = 'retry'`)
  for (const name of names) await app.signal(name)
  await app.idle()
}

/** The pause before the next attempt of the third is random, and may be over by now. */
async function expectOthersDelivered(name: Name) {
  const [first, second, third] = await states(name)
  expect([first, second], name).toEqual(['delivered', 'delivered'])
  expect(['delivered', 'retry'], name).toContain(third)
}

function expectMasked(told: object, name: Name) {
  const text = JSON.stringify(told)
  expect(text).not.toContain(KEYS[name])
  expect(text).not.toContain(SIGNED_IN.email)
}

const page = (status: number): Oddity =>
  answers(status, `<!doctype html><h1>Sorry, ${SIGNED_IN.email}</h1>${Object.values(KEYS).join(' ')}`, {
    'content-type': 'text/html',
  })

describe('an answer that says nothing of the event', () => {
  let poured = 0
  const pours = dribbles(64 * 1024, 2, sum => {
    poured = Math.max(poured, sum)
  })
  it.each<[string, Oddity, RegExp]>([
    ['a web page with 200', page(200), /page|JSON/],
    ['a web page with 502', page(502), /502/],
    ['an endless body', pours, /larger than 256 KiB/],
    ['300 KiB of JSON', answers(200, { junk: 'x'.repeat(300 * 1024) }), /larger than 256 KiB/],
    [
      'a reset in the middle',
      response => {
        response.writeHead(200, { 'content-length': '1000' }).write('{"ok":')
        setTimeout(() => response.socket?.resetAndDestroy(), 20)
      },
      /ECONNRESET|UND_ERR_SOCKET|terminated/,
    ],
    [
      'an end before the announced length',
      response => {
        response.writeHead(200, { 'content-length': '1000' }).write('{"ok":')
        setTimeout(() => response.socket?.destroy(), 20)
      },
      /UND_ERR|ECONN|other side closed/,
    ],
    [
      'no HTTP at all',
      response => response.socket?.end('220 mail.example.com ESMTP\r\n'),
      /HTTPParserError|HPE_/,
    ],
    ['silence', () => {}, /no answer in time/],
    ['a byte now and then', dribbles(1, 40), /no answer in time/],
  ])('%s is tried again, and the lane goes on meanwhile', async (_, bad, why) => {
    await meet(bad)
    for (const name of NAMES) {
      await expectOthersDelivered(name)
      const told = await story(name)
      expect(`${told.error} ${told.log}`, name).toMatch(why)
      expect(told.outcome).toBe('retry')
      expect(told.message).toMatch(/sends (this|it) again by itself/)
      expectMasked(told, name)
    }
    await again()
    for (const name of NAMES) {
      expect(await states(name)).toEqual(['delivered', 'delivered', 'delivered'])
      expect(odd[name].requests).toHaveLength(4)
    }
    expect(poured).toBeLessThan(8 * 1024 * 1024)
  })

  it('in one lane keeps no other waiting', async () => {
    await connect(NAMES)
    odd.ecomail.next(() => {})
    const began = Date.now()
    await order.send('orders/create')
    for (const name of NAMES.slice(1)) await expect.poll(() => states(name)).toEqual(['delivered'])
    expect(Date.now() - began).toBeLessThan(700)
    expect(await states('ecomail')).toEqual(['pending'])
  })
})

describe('a strange answer with JSON', () => {
  const deep = (depth: number) => `{"errors":${'['.repeat(depth)}${']'.repeat(depth)}}`
  it.each<[string, Oddity]>([
    ['nested a hundred thousand deep', answers(200, deep(100_000))],
    ['nested as deep, with 500', answers(500, deep(100_000))],
    ['with NUL and half a character', answers(200, '{"x\\u0000":"\\ud800","\\udc00":"\\u0000"}')],
    ['of a NUL, with 400', answers(400, '{"message":"a\\u0000\\ud800b"}', { 'x-odd': '\u00ff\u00fe' })],
    ['that would replace prototypes', answers(200, '{"__proto__":{"error":1},"constructor":null}')],
    ['that is null', answers(200, 'null')],
    ['that is a number beyond all', answers(200, '1e999')],
    ['without a body', response => response.writeHead(204).end()],
  ])('%s is recorded, and nothing is stuck', async (_, bad) => {
    await meet(bad)
    for (const name of NAMES) {
      expect((await states(name)).filter(state => state === 'delivered').length, name).toBeGreaterThanOrEqual(
        2,
      )
      expect((await story(name)).request, name).toBeTruthy()
    }
    await again()
    for (const name of NAMES) {
      for (const { state } of await ofVendor(name)) expect(['delivered', 'dead'], name).toContain(state)
      expect(odd[name].requests.length, name).toBeLessThanOrEqual(4)
    }
  })
})

describe('a redirect', () => {
  it.each([301, 302, 307, 308])('%i is not followed, and is tried again', async status => {
    await meet(answers(status, '', { location: `${trap.url}/take-it` }))
    for (const name of NAMES) {
      await expectOthersDelivered(name)
      expect(await story(name)).toMatchObject({ response: { status }, outcome: 'retry' })
    }
    expect(trap.requests).toEqual([])
    await again()
    expect(trap.requests).toEqual([])
  })
})

describe('a 200 with an error inside', () => {
  it.each<[Name, unknown, string, string | null]>([
    ['ecomail', { errors: { 'transaction.amount': ['must be a number'] } }, 'dead', 'rejected'],
    ['alana', { error: { code: 'VAL_001', message: 'bad' } }, 'dead', 'rejected'],
    ['alana', { status: 'ok', stored: 0, errors: 1 }, 'dead', 'rejected'],
    ['voucherify', { code: 500, key: 'internal_error', message: 'x' }, 'retry', 'transient'],
    ['voucherify', { code: 400, key: 'invalid_payload', message: 'x' }, 'dead', 'rejected'],
    ['voucherify', { code: 401, key: 'unauthorized', message: 'x' }, 'held', 'refused'],
    ['ecomail', { message: 'Wrong api key' }, 'held', 'refused'],
  ])('of %s, %j, is %s (%s)', async (name, body, state, reason) => {
    await connect([name])
    odd[name].next(answers(200, body))
    await order.send('orders/create')
    await expect.poll(() => ofVendor(name)).toMatchObject([{ state, reason }])
    expect(await story(name)).toMatchObject({ response: { status: 200 } })
  })
})
