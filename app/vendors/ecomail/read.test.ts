import { describe, expect, it } from 'vitest'
import { answer } from '../testing.ts'
import type { Json, Step, VendorRequest } from '../vendor.ts'
import { test as connectionTest, forget } from './connection.ts'
import { read } from './read.ts'
import { ecomailSettings } from './settings.ts'

const KEY = 'secret-key-1'
const step = (name: string, method: VendorRequest['method'] = 'POST'): Step => ({
  name,
  deliveries: ['01930000-0000-7000-8000-000000000001'],
  request: { method, url: 'https://api2.ecomailapp.cz/x', headers: { key: KEY }, body: {} },
})
const errors = (field: string, words: string): Json => ({ errors: { [field]: [words] } })

describe('reading an answer of Ecomail', () => {
  it.each([200, 201, 204])('takes %i as delivered, whatever its body says beside errors', status => {
    for (const body of [null, {}, [], { message: 'Stored' }, { errors: [] }] as Json[]) {
      expect(read(step('event'), answer(status, body)).kind).toBe('delivered')
    }
  })

  it.each([200, 400, 401, 422, 500])('takes "Wrong api key" under %i as refused', status => {
    expect(read(step('event'), answer(status, { message: 'Wrong api key' })).kind).toBe('refused')
  })

  it('finds the words for a wrong key in an answer that is not JSON', () => {
    expect(read(step('event'), { ...answer(200), text: 'Wrong api key' }).kind).toBe('refused')
  })

  it('does not take a web page for a success', () => {
    expect(read(step('event'), { ...answer(200), text: '\n<!doctype html>' }).kind).toBe('retry')
  })

  it('finds errors hidden in a success', () => {
    expect(read(step('event'), answer(200, errors('value', 'Too long'))).kind).toBe('dead')
  })

  it('waits as long as Ecomail announces, with all that has this key', () => {
    expect(read(step('event'), answer(429, null, { 'retry-after': '30' }))).toMatchObject({
      kind: 'retry',
      wholeLane: true,
      notBefore: new Date('2026-11-20T12:00:32.000Z'),
    })
  })

  it('takes a plan that is too small as a matter for the merchant', () => {
    expect(read(step('event'), answer(402)).kind).toBe('refused')
    expect(read(step('transaction'), answer(422, { message: 'Only for Marketer+ accounts' })).kind).toBe(
      'refused',
    )
  })

  it('quotes both shapes of errors, without addresses and without the key', () => {
    const reading = read(
      step('event'),
      answer(400, { message: `Bad ${KEY}`, ...(errors('value', 'for a@example.com') as object) }),
    )
    expect(reading).toMatchObject({ kind: 'dead' })
    expect(JSON.stringify(reading)).toContain('value: for')
    expect(JSON.stringify(reading)).not.toContain('a@example.com')
    expect(JSON.stringify(reading)).not.toContain(KEY)
  })
})

describe('an unknown person', () => {
  it.each(['event', 'basket', 'transaction'])(
    'is learned from 404 and from words about the subscriber: %s',
    name => {
      const learned = { kind: 'learned', fact: 'contact_missing' }
      expect(read(step(name), answer(404))).toMatchObject(learned)
      expect(
        read(step(name), answer(422, errors('event.email', 'The selected email is invalid.'))),
      ).toMatchObject(learned)
      expect(read(step(name), answer(400, { message: 'Subscriber does not exist' }))).toMatchObject(learned)
    },
  )

  it('has no basket to empty', () => {
    expect(read(step('clear-basket'), answer(404)).kind).toBe('delivered')
  })

  it('is not the same as an address that Ecomail does not accept', () => {
    const words = 'The email must be a valid email address.'
    expect(read(step('event'), answer(422, errors('event.email', words)))).toMatchObject({
      kind: 'skip',
      reason: 'contact_refused',
    })
  })
})

describe('words that only sound like it', () => {
  it.each([
    errors('transaction.amount', 'The amount must be a number. If this persists, contact support.'),
    { message: 'Internal validation failed, please contact support.' },
    { message: 'The e-mail campaign was saved, but the value is too long.' },
    errors('event.value', 'The contact page must be shorter.'),
  ] as Json[])('do not make the person unknown: %j', body => {
    expect(read(step('transaction'), answer(422, body))).toMatchObject({ kind: 'dead', reason: 'rejected' })
  })

  it.each([
    errors('event.value', 'The value is invalid, please upgrade your plan of fields.'),
    errors('transaction_items.0.title', 'Marketer’s handbook is too long'),
    { message: 'The value is invalid, please upgrade.' },
  ] as Json[])('do not hold the lane for a plan: %j', body => {
    expect(read(step('event'), answer(400, body))).toMatchObject({ kind: 'dead', reason: 'rejected' })
  })

  it('do not make an address out of another field’s form', () => {
    const body: Json = {
      errors: { 'event.email': ['The selected one is unknown.'], 'event.value': ['The format is wrong.'] },
    }
    expect(read(step('event'), answer(422, body))).toMatchObject({ fact: 'contact_missing' })
  })

  it('do not hide an order that Ecomail lacks', () => {
    const words = { message: 'Transaction not found, please contact support' }
    expect(read(step('transaction', 'PUT'), answer(404, words))).toMatchObject({ fact: 'order_missing' })
  })
})

describe('words that mean it', () => {
  it.each([
    'Subscriber with email a@example.com does not exist',
    'The subscriber must already exist in your contact list.',
    'No such contact',
    'The selected event.email is invalid.',
  ])('make the person unknown: %s', message => {
    expect(read(step('event'), answer(400, { message }))).toMatchObject({ fact: 'contact_missing' })
  })

  it('are found in nested errors too', () => {
    const body: Json = { errors: { event: { email: ['The selected one is invalid.'] } } }
    expect(read(step('event'), answer(422, body))).toMatchObject({ fact: 'contact_missing' })
  })

  it.each(['Please upgrade your plan', 'Not available in your plan', 'Only for Marketer+ accounts'])(
    'hold the lane for a plan: %s',
    message => expect(read(step('event'), answer(400, { message })).kind).toBe('refused'),
  )
})

describe('an order that is elsewhere than remembered', () => {
  it('is learned from 409 or words to a POST, and from 404 to a PUT', () => {
    const exists = { kind: 'learned', fact: 'order_exists' }
    expect(read(step('transaction'), answer(409))).toMatchObject(exists)
    const taken = errors('transaction.order_id', 'The order_id has already been taken.')
    expect(read(step('transaction'), answer(422, taken))).toMatchObject(exists)
    expect(read(step('transaction', 'PUT'), answer(404, { message: 'Transaction not found' }))).toMatchObject(
      {
        kind: 'learned',
        fact: 'order_missing',
      },
    )
  })

  it('is not confused with an unknown person', () => {
    expect(read(step('transaction', 'PUT'), answer(404, { message: 'Subscriber not found' }))).toMatchObject({
      fact: 'contact_missing',
    })
  })
})

describe('contacts', () => {
  it.each(['create-contact', 'subscribe'])('%s: a missing list is a matter for the merchant', name => {
    expect(read(step(name), answer(404)).kind).toBe('refused')
    expect(read(step(name), answer(422, { message: 'Invalid' }))).toMatchObject({
      kind: 'skip',
      reason: 'contact_refused',
    })
    expect(read(step(name), answer(503)).kind).toBe('retry')
  })

  it('who are in no list need not be unsubscribed', () => {
    expect(read(step('unsubscribe', 'DELETE'), answer(404)).kind).toBe('delivered')
    expect(read(step('unsubscribe', 'DELETE'), answer(400)).kind).toBe('dead')
  })
})

describe('the connection test', () => {
  const settings = ecomailSettings.parse({ apiKey: KEY, listId: '7' })
  const { request, read: readTest } = connectionTest(settings)

  it('reads the lists', () => {
    expect(request).toEqual({
      method: 'GET',
      url: 'https://api2.ecomailapp.cz/lists',
      headers: { key: KEY, 'Content-Type': 'application/json' },
    })
  })

  it('is passed only by an array', () => {
    expect(readTest(answer(200, [{ id: 7, name: 'Newsletter' }])).ok).toBe(true)
    expect(readTest(answer(200, {})).ok).toBe(false)
    expect(readTest(answer(200, { message: 'Wrong api key' }))).toMatchObject({
      ok: false,
      refused: true,
      merchant: expect.stringContaining('does not know this API key'),
    })
  })

  it('mentions a list that the account does not name', () => {
    expect(readTest(answer(200, [{ id: 8 }, 'odd', null])).merchant).toContain('list 7')
    expect(readTest(answer(200, [{ id: 7 }])).merchant).not.toContain('list 7')
  })
})

describe('forgetting', () => {
  const settings = ecomailSettings.parse({ apiKey: KEY })
  const person = { customerId: '1', email: ' a+b@example.com ', visitorIds: [] }

  it('deletes the contact from all lists', () => {
    expect(forget(person, settings)).toMatchObject({
      requests: [
        { method: 'DELETE', url: 'https://api2.ecomailapp.cz/subscribers/a%2Bb%40example.com/delete' },
      ],
    })
  })

  it('cannot be done without an address', () => {
    expect(forget({ ...person, email: '  ' }, settings)).toHaveProperty('cannot')
  })
})
