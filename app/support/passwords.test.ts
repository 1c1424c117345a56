import { describe, expect, it } from 'vitest'
import { hashPassword, isPassword, newPassword } from './passwords.ts'

describe('a password', () => {
  it('is kept as Argon2id with no less than OWASP asks for', async () => {
    const hash = await hashPassword('correct horse')
    const [, memory, passes] = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=1\$/.exec(hash) ?? []
    expect(Number(memory)).toBeGreaterThanOrEqual(19_456)
    expect(Number(passes)).toBeGreaterThanOrEqual(2)
    expect(await isPassword(hash, 'correct horse')).toBe(true)
    expect(await isPassword(hash, 'correct horsE')).toBe(false)
  })

  it('has another hash each time', async () => {
    expect(await hashPassword('same')).not.toBe(await hashPassword('same'))
  })

  it('is never right where there is no account', async () => {
    expect(await isPassword(null, '')).toBe(false)
  })

  it('is long where we make it, and another each time', () => {
    expect(newPassword()).toMatch(/^([a-z2-9]{5}-){4}[a-z2-9]{5}$/)
    expect(new Set(Array.from({ length: 100 }, newPassword)).size).toBe(100)
  })
})
