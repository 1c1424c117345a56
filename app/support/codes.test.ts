import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createSealer, TamperedError } from '../secrets/seal.ts'
import { codeAddress, codeAt, newCodeSecret, sealCodeSecret, stepOfCode, unsealCodeSecret } from './codes.ts'

/** RFC 6238, appendix B: "12345678901234567890" in base32, of whose eight digits six are shown. */
const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'
const at = (seconds: number) => new Date(seconds * 1000)

describe('codes', () => {
  it.each([
    [59, '287082'],
    [1111111109, '081804'],
    [2000000000, '279037'],
  ])('are those of the standard at %d', (seconds, code) => {
    expect(codeAt(SECRET, at(seconds))).toBe(code)
    expect(stepOfCode(SECRET, code, at(seconds))).toBe(Math.floor(seconds / 30))
  })

  it('count one step before and after their own, and belong to it', () => {
    const step = (now: number) => stepOfCode(SECRET, '081804', at(now))
    const own = Math.floor(1111111109 / 30)
    expect([0, 30, -30].map(away => step(1111111109 + away))).toEqual([own, own, own])
    expect([60, -60].map(away => step(1111111109 + away))).toEqual([null, null])
  })

  it('may be typed with blanks, and are nothing else', () => {
    expect(stepOfCode(SECRET, ' 287 082 ', at(59))).toBe(1)
    for (const wrong of ['', '28708', '2870820', '94287082', 'abcdef', '２８７０８２'])
      expect(stepOfCode(SECRET, wrong, at(59))).toBeNull()
  })

  it('come of an address that authenticator apps read', () => {
    const url = new URL(codeAddress('agent@example.com', SECRET))
    expect(url.protocol).toBe('otpauth:')
    expect(decodeURIComponent(url.pathname)).toBe('/Sluice support:agent@example.com')
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      secret: SECRET,
      digits: '6',
      period: '30',
    })
  })
})

describe('a secret for codes', () => {
  const sealer = createSealer([{ id: 'a', bytes: randomBytes(32) }])

  it('is new each time, of 160 bits', () => {
    expect(newCodeSecret()).toMatch(/^[A-Z2-7]{32}$/)
    expect(newCodeSecret()).not.toBe(newCodeSecret())
  })

  it('is sealed for its account', () => {
    const sealed = sealCodeSecret(sealer, 'a@example.com', SECRET)
    expect(sealed).not.toContain(SECRET)
    expect(unsealCodeSecret(sealer, 'a@example.com', sealed)).toBe(SECRET)
    expect(unsealCodeSecret(sealer, 'b@example.com', sealed)).toBeNull()
    expect(() => sealer.unseal(sealed, ['support', 'b@example.com'])).toThrow(TamperedError)
  })
})
