import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { KeysError, parseKeys } from './keys.ts'

const key = () => randomBytes(32).toString('base64')

function messageOf(text: string): string {
  try {
    parseKeys(text)
  } catch (error) {
    if (error instanceof KeysError) return error.message
  }
  throw new Error('expected a KeysError')
}

describe('parseKeys', () => {
  it('reads one key', () => {
    const encoded = key()
    expect(parseKeys(`2026a:${encoded}`)).toEqual([{ id: '2026a', bytes: Buffer.from(encoded, 'base64') }])
  })

  it('keeps the order of several keys and allows spaces between them', () => {
    expect(parseKeys(`new:${key()}, old:${key()}`).map(k => k.id)).toEqual(['new', 'old'])
  })

  it('accepts base64url and missing padding', () => {
    const bytes = Buffer.alloc(32, 0xfb)
    expect(parseKeys(`a:${bytes.toString('base64url')}`)[0]?.bytes).toEqual(bytes)
  })

  it('refuses an empty text', () => {
    expect(messageOf(' ')).toContain('SLUICE_SECRETS_KEYS is empty')
  })

  it('refuses a bare key and repeats nothing of it', () => {
    const bare = key()
    expect(messageOf(bare)).toContain('Key number 1')
    expect(messageOf(bare)).not.toContain(bare.slice(0, 8))
  })

  it.each(['', 'a.b', 'with space', 'x'.repeat(33)])('refuses the id %j', id => {
    expect(messageOf(`good:${key()},${id}:${key()}`)).toContain('Key number 2')
  })

  it.each([
    ['too short', randomBytes(31).toString('base64')],
    ['too long', randomBytes(33).toString('base64')],
    ['not base64', '!'.repeat(44)],
    ['missing', ''],
  ])('refuses a key that is %s, naming it by its id only', (_, encoded) => {
    const message = messageOf(`mine:${encoded}`)
    expect(message).toContain('"mine"')
    if (encoded) expect(message).not.toContain(encoded)
  })

  it('refuses a trailing comma', () => {
    expect(messageOf(`a:${key()},`)).toContain('Key number 2')
  })

  it('refuses two keys with one id', () => {
    expect(messageOf(`a:${key()},a:${key()}`)).toContain('two keys named "a"')
  })
})
