import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Admin } from '../../app/shopify/admin/client.ts'
import { fetchCustomer } from '../../app/shopify/admin/customer.ts'
import { createAdminHttp } from '../../app/shopify/admin/http.ts'
import { listTroubles } from '../../app/shopify/admin/trouble.ts'
import type { AdminFault } from '../../sandbox/store/admin/contract.ts'
import { type AdminTest, adminTest, MARA, SHOP } from './support.ts'

const QUERY = 'query Q($id: ID!) { customer(id: $id) { id firstName } }'
const schema = z.object({
  customer: z.object({ id: z.string(), firstName: z.string().nullable() }).nullable(),
})
const ID = { id: `gid://shopify/Customer/${MARA.id}` }

let admin: AdminTest
let one: Admin
beforeAll(async () => {
  admin = await adminTest()
  one = admin.process({ http: createAdminHttp(admin.standIn.url, 500), patienceMs: 2000 })
})
afterAll(() => admin.close())
beforeEach(async () => {
  await admin.reset()
  await admin.install()
})
const ask = () => one.adminQuery(SHOP, QUERY, ID, schema)
const statuses = () => admin.standIn.requests().map(({ kind, status }) => [kind, status])
const trouble = async () => (await listTroubles(admin.test.database.pool)).map(({ kind }) => kind)

describe('a question to a shop', () => {
  it('is answered', async () => {
    expect(await ask()).toEqual({
      ok: true,
      data: { customer: { id: ID.id, firstName: 'Mara' } },
      denied: [],
    })
  })

  it('is asked again with a new token where the old one is refused', async () => {
    admin.standIn.endAccess(SHOP)
    expect(await ask()).toMatchObject({ ok: true })
    expect(statuses()).toEqual([
      ['graphql', 401],
      ['refresh', 200],
      ['graphql', 200],
    ])
  })

  it('renews a token once: the shop must be opened when the new one is refused as well', async () => {
    admin.standIn.fail({ times: 2, only: 'graphql', status: 401, text: '{"errors":"no"}' })
    expect(await ask()).toMatchObject({ ok: false, failure: { kind: 'reopen', retryInMs: null } })
    expect(statuses().filter(([kind]) => kind === 'refresh')).toHaveLength(1)
    expect(await trouble()).toEqual(['reopen'])
  })

  it('waits while it costs more than is left, and no longer than it is patient', async () => {
    admin.standIn.throttle(3, 20)
    const begun = performance.now()
    expect(await ask()).toMatchObject({ ok: true })
    expect(performance.now() - begun).toBeGreaterThan(55)
    admin.standIn.throttle(1, 60_000)
    expect(await ask()).toMatchObject({ ok: false, failure: { kind: 'busy', retryInMs: 60_000 } })
    expect(await trouble()).toEqual([])
  })

  it.each([
    ['frozen', { status: 402, text: '{"errors":"Unavailable Shop"}' }, true],
    ['locked', { status: 423 }, true],
    ['gone', { status: 404, text: '{"errors":"Not Found"}' }, true],
    ['denied', { status: 403, text: '{"errors":"scope"}' }, false],
    ['unreachable', { status: 502, text: '<html>' }, false],
    ['unreachable', { connection: 'reset' }, false],
    ['unreachable', { connection: 'hang' }, false],
    ['unreachable', { text: ' '.repeat(1024 * 1024 + 1) }, false],
    ['unreadable', { status: 301, headers: { location: 'https://example.com/' } }, false],
    ['unreadable', { text: '{"data":{"customer":{"id":7}}}' }, false],
    ['unreadable', { text: 'not json' }, false],
    ['unreadable', { text: '[]' }, false],
  ] satisfies [string, Omit<AdminFault, 'times'>, boolean][])(
    'ends %s by %j, which stands with the shop: %s',
    async (kind, fault, lasting) => {
      admin.standIn.fail({ times: 1, only: 'graphql', ...fault })
      expect(await ask()).toMatchObject({ ok: false, failure: { kind } })
      expect(await trouble()).toEqual(lasting ? [kind] : [])
      expect(await ask()).toMatchObject({ ok: true })
      expect(await trouble()).toEqual([])
    },
  )

  it('ends the same way whatever comes', async () => {
    const text = fc.oneof(
      fc.json(),
      fc.string(),
      fc.json().map(each => `{"data":${each},"errors":${each}}`),
    )
    await fc.assert(
      fc.asyncProperty(text, fc.constantFrom(200, 201, 400, 418, 422), async (body, status) => {
        admin.standIn.fail({ times: 1, only: 'graphql', status, text: body })
        const result = await ask()
        if (result.ok) expect(schema.safeParse(result.data).success).toBe(true)
        else expect(result.failure.log.length).toBeLessThan(400)
      }),
      { numRuns: 50 },
    )
  })
})

describe('who a customer is', () => {
  const who = (id = MARA.id) => fetchCustomer(one, SHOP, id)
  const seen = {
    kind: 'customer_seen',
    customerId: MARA.id,
    email: MARA.email,
    phone: MARA.phone,
    firstName: 'Mara',
    lastName: 'Quay',
    marketing: true,
    updatedAt: '2026-11-01T10:00:00.000Z',
  }

  it('is learned from Shopify', async () => {
    expect(await who()).toEqual({ seen })
  })

  it('is nobody where Shopify knows none', async () => {
    expect(await who('1')).toEqual({ nobody: true, denied: false })
  })

  it('is what may be seen, and nobody where that is neither e-mail nor phone', async () => {
    admin.standIn.withhold(['firstName', 'lastName'])
    expect(await who()).toEqual({ seen: { ...seen, firstName: null, lastName: null } })
    admin.standIn.withhold(['defaultEmailAddress'])
    expect(await who()).toEqual({ seen: { ...seen, email: null, marketing: null } })
    admin.standIn.withhold(['firstName', 'lastName', 'defaultEmailAddress', 'defaultPhoneNumber'])
    expect(await who()).toEqual({ nobody: true, denied: true })
  })

  it('is not taken from an answer about somebody else', async () => {
    const other = { id: 'gid://shopify/Customer/2', defaultEmailAddress: { emailAddress: 'x@example.com' } }
    admin.standIn.fail({ times: 1, text: JSON.stringify({ data: { customer: other } }) })
    expect(await who()).toEqual({ nobody: true, denied: false })
  })

  it('stands in no log', async () => {
    await who()
    expect(admin.logs.join('')).not.toMatch(/mara|Quay|\+420/i)
  })
})
