import { describe, expect, it } from 'vitest'
import { answer } from '../testing.ts'
import type { Json, Step } from '../vendor.ts'
import { test as connectionTest, forget } from './connection.ts'
import { announces, read } from './read.ts'
import { topmailSettings } from './settings.ts'

const KEY = 'tm_live_secret1'
const step = (name: string, query = ''): Step => ({
  name,
  deliveries: ['01930000-0000-7000-8000-000000000001'],
  request: {
    method: 'POST',
    url: `https://api.topmail.so/api/v1/contacts${query}`,
    headers: { Authorization: `Bearer ${KEY}` },
  },
})
const error = (code: string, message: string, path?: string): Json => ({
  error: { code, message, ...(path && { path }) },
})
const view = step('product-view')

describe('reading an answer of Topmail', () => {
  it.each([200, 201, 204])('takes %i as delivered', status => {
    expect(read(view, answer(status, { data: { id: 'v' } })).kind).toBe('delivered')
  })

  it('tells 404s by their code', () => {
    expect(read(view, answer(404, error('contact_not_found', 'No contact')))).toMatchObject({
      kind: 'learned',
      fact: 'contact_missing',
    })
    for (const code of ['not_found', 'workspace_not_found', 'template_not_found', '']) {
      expect(read(view, answer(404, error(code, 'No')))).toMatchObject({ kind: 'dead', reason: 'rejected' })
    }
    expect(read(view, answer(404)).kind).toBe('dead')
  })

  it('names the field that a validation error concerns', () => {
    const reading = read(view, answer(400, error('validation_error', 'must be a URL', 'product_url')))
    expect(reading).toMatchObject({
      kind: 'dead',
      merchant: expect.stringContaining('product_url: must be a URL'),
    })
  })

  it('takes 401 and 403 as a matter for the merchant, and says which', () => {
    expect(read(view, answer(401, error('unauthorized', 'Invalid'))).kind).toBe('refused')
    expect(read(view, answer(403, error('limit_reached', 'Full')))).toMatchObject({
      kind: 'refused',
      merchant: expect.stringContaining('limit'),
    })
    expect(read(view, answer(403, error('forbidden', 'Missing')))).toMatchObject({
      kind: 'refused',
      merchant: expect.stringContaining('permission'),
    })
  })

  it('takes 409 as done already', () => {
    expect(read(step('create-contact'), answer(409, error('duplicate', 'Exists'))).kind).toBe('delivered')
    expect(read(view, answer(409)).kind).toBe('delivered')
  })

  it('takes a contact that Topmail does not accept as a skip', () => {
    expect(
      read(step('create-contact'), answer(400, error('validation_error', 'Invalid', 'email'))),
    ).toMatchObject({
      kind: 'skip',
      reason: 'contact_refused',
    })
  })

  it('waits for Retry-After, else for the announced reset', () => {
    const reset = { 'x-ratelimit-reset': '2026-11-20T12:01:00.000Z' }
    expect(read(view, answer(429, null, reset))).toMatchObject({
      kind: 'retry',
      wholeLane: true,
      notBefore: new Date('2026-11-20T12:01:00.000Z'),
    })
    expect(read(view, answer(429, null, { ...reset, 'retry-after': '5' }))).toMatchObject({
      notBefore: new Date('2026-11-20T12:00:07.000Z'),
    })
  })

  it('does not take a web page for a success', () => {
    expect(read(view, { ...answer(200), text: '<html>' }).kind).toBe('retry')
  })

  it('repeats neither addresses nor the key', () => {
    const said = JSON.stringify(
      read(view, answer(400, error('validation_error', `a@example.com with ${KEY}`))),
    )
    expect(said).not.toContain('a@example.com')
    expect(said).not.toContain(KEY)
  })
})

describe('looking a contact up', () => {
  const lookup = step('find-contact', '?search=a%2Bb%40example.com&limit=100')

  it('learns the id of the very address', () => {
    const data = [null, { id: 'other', email: 'aa+b@example.com' }, { id: 'c-1', email: 'A+B@example.com' }]
    expect(read(lookup, answer(200, { data }))).toMatchObject({ kind: 'learned', fact: 'contact_id:c-1' })
  })

  it('learns that there is none', () => {
    expect(read(lookup, answer(200, { data: [{ id: 'other', email: 'aa+b@example.com' }] }))).toMatchObject({
      kind: 'learned',
      fact: 'contact_missing',
    })
  })

  it('does not guess when the answer holds no list', () => {
    expect(read(lookup, answer(200, {})).kind).toBe('dead')
  })
})

describe('the connection test', () => {
  const run = (apiKey: string) => connectionTest(topmailSettings.parse({ apiKey }))

  it('reads one contact', () => {
    expect(run(KEY).request).toEqual({
      method: 'GET',
      url: 'https://api.topmail.so/api/v1/contacts?limit=1',
      headers: { Authorization: `Bearer ${KEY}` },
    })
  })

  it('tells a good key, a bad one and one without the permission', () => {
    const { read: readTest } = run(KEY)
    expect(readTest(answer(200, { data: [] })).ok).toBe(true)
    expect(readTest(answer(401)).ok).toBe(false)
    expect(readTest(answer(403))).toMatchObject({
      ok: false,
      merchant: expect.stringContaining('contacts permission'),
    })
    expect(readTest({ ...answer(200), text: '<html>' }).ok).toBe(false)
  })

  it('says that a test key sends no e-mails', () => {
    expect(run('tm_test_1').read(answer(200, { data: [] })).merchant).toContain('test key')
    expect(run(KEY).read(answer(200, { data: [] })).merchant).not.toContain('test key')
  })
})

describe('forgetting', () => {
  it('says what to do by hand', () => {
    expect(forget()).toMatchObject({ cannot: expect.stringContaining('delete the contact') })
  })
})

describe('what Topmail announces', () => {
  it('is what remains, until an ISO time', () => {
    const headers = { 'x-ratelimit-remaining': '41', 'x-ratelimit-reset': '2026-11-20T12:01:00.000Z' }
    expect(announces(answer(200, null, headers))).toEqual({
      remaining: 41,
      resetAt: new Date('2026-11-20T12:01:00.000Z'),
    })
  })
})
