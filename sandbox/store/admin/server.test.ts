import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AdminStandIn } from './contract.ts'
import { startAdmin } from './server.ts'

const SHOP = 'one.myshopify.com'
const PERSON = {
  id: '7',
  email: 'mara@example.com',
  phone: null,
  first: 'Mara',
  last: null,
  marketing: 'PENDING',
  updatedAt: '2026-11-01T10:00:00Z',
} as const
let standIn: AdminStandIn
beforeAll(async () => {
  const customer = (_: string, id: string) => (id === '7' ? PERSON : null)
  standIn = await startAdmin({ apiKey: 'key', apiSecret: 'secret', customer })
})
afterAll(() => standIn.close())

async function post(path: string, body: unknown, headers = {}) {
  const answer = await fetch(`${standIn.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  return { status: answer.status, body: await answer.json() }
}
const refresh = (refresh_token: string, over = {}) =>
  post('/admin/oauth/access_token', {
    client_id: 'key',
    client_secret: 'secret',
    grant_type: 'refresh_token',
    refresh_token,
    ...over,
  })
const ask = (token: string, query: string, variables = {}) =>
  post('/admin/api/2026-10/graphql.json', { query, variables }, { 'x-shopify-access-token': token })

describe('the stand-in’s tokens', () => {
  it('are replaced by a refresh, once', async () => {
    const first = standIn.grant(SHOP)
    const { status, body } = await refresh(first.refresh_token)
    expect(status).toBe(200)
    expect(body).toMatchObject({ expires_in: 3600, access_token: expect.stringMatching(/^shpat_/) })
    expect(await refresh(first.refresh_token)).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    })
    expect(standIn.reused()).toBe(1)
    expect((await ask(first.access_token, '{ webPixel { id } }')).status).toBe(401)
    expect((await ask(body.access_token, '{ webPixel { id } }')).status).toBe(200)
  })

  it('are given to the app only', async () => {
    const { refresh_token: token } = standIn.grant(SHOP)
    expect(await refresh(token, { client_secret: 'other' })).toMatchObject({ status: 401 })
    expect(await refresh(token, { grant_type: 'password' })).toMatchObject({ status: 400 })
    expect(await refresh(token)).toMatchObject({ status: 200 })
  })
})

describe('the stand-in’s GraphQL', () => {
  it('answers what is asked for, and refuses a field that is none', async () => {
    const { access_token: token } = standIn.grant(SHOP)
    const query = (fields: string) => `query Q($id: ID!) { customer(id: $id) { ${fields} } }`
    const id = { id: 'gid://shopify/Customer/7' }
    expect(await ask(token, query('firstName defaultEmailAddress { marketingState }'), id)).toEqual({
      status: 200,
      body: { data: { customer: { firstName: 'Mara', defaultEmailAddress: { marketingState: 'PENDING' } } } },
    })
    for (const wrong of [query('acceptsMarketing'), '{ orders { id } }', 'subscription { x }', '{', ''])
      expect((await ask(token, wrong, id)).body.errors).toHaveLength(1)
  })

  it('has one pixel of an app, created, updated and deleted', async () => {
    const { access_token: token } = standIn.grant(SHOP)
    const mutate = (field: string, variables: object) =>
      ask(
        token,
        `mutation M($id: ID!, $webPixel: WebPixelInput!) { ${field} { userErrors { code } } }`,
        variables,
      )
    const settings = (key: string) => ({
      webPixel: { settings: JSON.stringify({ address: 'a', shop: 's', key }) },
    })
    const create = 'webPixelCreate(webPixel: $webPixel)'
    const update = 'webPixelUpdate(id: $id, webPixel: $webPixel)'
    const codes = async (answer: ReturnType<typeof mutate>) =>
      Object.values((await answer).body.data as Record<string, { userErrors: { code: string }[] }>).flatMap(
        ({ userErrors }) => userErrors.map(({ code }) => code),
      )
    expect(await codes(mutate(create, { webPixel: { settings: '{"other":1}' } }))).toEqual([
      'INVALID_SETTINGS',
    ])
    expect(await codes(mutate(create, { webPixel: { settings: 'no' } }))).toEqual([
      'INVALID_CONFIGURATION_JSON',
    ])
    expect(await codes(mutate(create, settings('1')))).toEqual([])
    expect(await codes(mutate(create, settings('2')))).toEqual(['TAKEN'])
    const id = standIn.pixel(SHOP)?.id
    expect(await codes(mutate(update, { ...settings('2'), id: 'another' }))).toEqual(['NOT_FOUND'])
    expect(await codes(mutate(update, { ...settings('2'), id }))).toEqual([])
    expect(standIn.pixel(SHOP)).toMatchObject({ id, settings: { key: '2' } })
    expect(await codes(mutate('webPixelDelete(id: $id)', { id }))).toEqual([])
    expect(standIn.pixel(SHOP)).toBeNull()
  })
})
