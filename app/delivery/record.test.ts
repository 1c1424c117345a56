import { describe, expect, it, vi } from 'vitest'
import { answer } from '../vendors/testing.ts'
import type { Reading } from '../vendors/vendor.ts'
import { FIRST, REQUEST, RETRY, recordedLanes, SECOND, SECRET } from './testing-record.ts'

const { lane, exchanges, attempts, delivery, record } = recordedLanes()

describe('an exchange', () => {
  it('is kept without what the step names as personal', async () => {
    const body = { greeting: 'For the neighbours', lines: ['For the neighbours'] }
    await record({ step: { request: { ...REQUEST, body }, personal: ['For the neighbours'] } })
    expect(JSON.stringify(await exchanges())).not.toContain('neighbours')
  })

  it('is kept with its request and answer, masked', async () => {
    const body = {
      id: 7,
      email: 'jane@example.com',
      token: SECRET,
      words: `key ${SECRET} of jane@example.com`,
    }
    await record({ sent: { answer: answer(200, body, { 'x-key': SECRET }) } })
    const [kept] = await exchanges()
    expect(kept).toMatchObject({ shop_id: lane().shopId, vendor: 'tiny', error: null })
    expect(kept.request).toEqual({
      method: 'POST',
      url: 'https://api.tiny.example/contacts?search=j…%40example.com&key=…6789',
      headers: { Authorization: 'Bearer …6789', 'X-Key': '…6789' },
      body: { email: 'j…@example.com', first_name: 'J…', phone: '+…', total: 49.9 },
    })
    expect(kept.response).toMatchObject({ status: 200, body: { id: 7, email: 'j…@example.com' } })
    expect(JSON.stringify(kept)).not.toMatch(/jane|tiny-key|900000001/i)
  })

  it('is kept whatever stands in its address and its answer', async () => {
    const odd = { ...REQUEST, url: 'https://api.tiny.example/%E0%A4%A?x=%' }
    const body = JSON.parse('{"a\\u0000b":"c\\u0000d","\\ud800":"\\udfff"}')
    await record({ step: { request: odd }, sent: { answer: answer(200, body) } })
    const [kept] = await exchanges()
    expect(kept.request.url).toBe(odd.url)
    expect(kept.response.body).toMatchObject({ ab: 'cd' })
    expect(await delivery()).toMatchObject({ state: 'delivered' })
  })

  it('keeps the beginning of an answer that is not JSON, and no part of a secret at its end', async () => {
    const text = `${'x'.repeat(490)}${SECRET} more`
    await record({ sent: { answer: { ...answer(502), text } } })
    const [kept] = await exchanges()
    expect(kept.response.body).toBe(`${'x'.repeat(490)}…6789 more`)
  })

  it('without an answer keeps what went wrong', async () => {
    await record({ sent: { failure: 'ECONNREFUSED' }, outcome: RETRY })
    expect(await exchanges()).toMatchObject([{ response: null, error: 'ECONNREFUSED' }])
  })
})

describe('attempts', () => {
  it('are one for each delivery, of one exchange', async () => {
    const reading: Reading = { kind: 'dead', reason: 'rejected', merchant: 'No: jane@example.com', log: 'no' }
    await record({ step: { deliveries: [FIRST, SECOND] }, readings: reading, outcome: null })
    expect(await attempts()).toEqual(
      [FIRST, SECOND].map(id => ({
        shop_id: lane().shopId,
        event_id: id,
        number: 1,
        part: 0,
        step: 'event',
        outcome: 'dead',
        message: 'No: j…@example.com',
        log: 'no',
      })),
    )
    expect(await exchanges()).toHaveLength(1)
  })

  it.each([0, 60, -60])(
    'are due by the database’s clock, from which this one is %i minutes away',
    async ahead => {
      vi.useFakeTimers({ now: Date.now() + ahead * 60_000, toFake: ['Date'] })
      try {
        await record({ outcome: { ...RETRY, dueAt: new Date(Date.now() + 30_000) } })
      } finally {
        vi.useRealTimers()
      }
      const wait = (await delivery()).due_at.getTime() - Date.now()
      expect(wait).toBeGreaterThan(25_000)
      expect(wait).toBeLessThan(35_000)
    },
  )

  it('are numbered over retries, and their steps within', async () => {
    await record({ outcome: RETRY })
    expect(await delivery()).toMatchObject({ state: 'retry', attempts: 1 })
    await record({ number: 2, step: { name: 'a' }, outcome: null })
    await record({ number: 2, part: 1, step: { name: 'b' } })
    expect((await attempts()).map(({ number, part, step: name }) => [number, part, name])).toEqual([
      [1, 0, 'event'],
      [2, 0, 'a'],
      [2, 1, 'b'],
    ])
    expect(await delivery()).toMatchObject({ state: 'delivered', attempts: 2 })
  })
})
