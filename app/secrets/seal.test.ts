import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSealer, keyIdOf, TamperedError, UnknownKeyError } from './seal.ts'

const oldKey = { id: 'old', bytes: randomBytes(32) }
const newKey = { id: 'new', bytes: randomBytes(32) }
const sealer = createSealer([oldKey])
const context = ['shop.example.com', 'ecomail']
// Any sequence of UTF-16 units, lone surrogates and NUL included.
const anyString = fc.string({
  unit: fc.integer({ min: 0, max: 0xffff }).map(unit => String.fromCharCode(unit)),
})

describe('a sealed value', () => {
  it('that does not unseal is null where work can go on without it, and is reported', () => {
    const reported: unknown[] = []
    const other = createSealer([newKey], error => reported.push(error))
    expect(other.tryUnseal(sealer.seal('secret', context), context)).toBeNull()
    expect(reported).toEqual([expect.any(UnknownKeyError)])
    expect(other.tryUnseal(other.seal('secret', context), context)).toBe('secret')
  })

  it('unseals to any string that was sealed, in any context', () => {
    fc.assert(
      fc.property(anyString, fc.array(anyString), (plaintext, words) => {
        expect(sealer.unseal(sealer.seal(plaintext, words), words)).toBe(plaintext)
      }),
    )
  })

  it('fails with any changed character', () => {
    fc.assert(
      fc.property(anyString, fc.nat(), fc.constantFrom(...'Aw-_b2.= \n'), (plaintext, at, character) => {
        const sealed = sealer.seal(plaintext, context)
        const place = at % sealed.length
        fc.pre(sealed[place] !== character)
        const changed = sealed.slice(0, place) + character + sealed.slice(place + 1)
        expect(() => sealer.unseal(changed, context)).toThrow(/does not unseal|sealed with the key/)
      }),
      { numRuns: 300 },
    )
  })

  it('fails with any changed byte of nonce, ciphertext or tag', () => {
    fc.assert(
      fc.property(anyString, fc.nat(), fc.integer({ min: 1, max: 255 }), (plaintext, at, flip) => {
        const body = Buffer.from(sealer.seal(plaintext, context).slice('v1.old.'.length), 'base64url')
        const place = at % body.length
        body[place] = (body[place] ?? 0) ^ flip
        expect(() => sealer.unseal(`v1.old.${body.toString('base64url')}`, context)).toThrow(TamperedError)
      }),
    )
  })

  it('fails when it is cut anywhere', () => {
    const sealed = sealer.seal('secret', context)
    for (let length = 0; length < sealed.length; length++) {
      expect(() => sealer.unseal(sealed.slice(0, length), context)).toThrow(
        /does not unseal|sealed with the key/,
      )
    }
  })

  it('fails in any other context', () => {
    fc.assert(
      fc.property(fc.array(anyString), fc.array(anyString), (right, wrong) => {
        fc.pre(JSON.stringify(right) !== JSON.stringify(wrong))
        expect(() => sealer.unseal(sealer.seal('secret', right), wrong)).toThrow(TamperedError)
      }),
    )
  })

  it('fails when context words are joined differently', () => {
    expect(() => sealer.unseal(sealer.seal('secret', ['a', 'b']), ['ab'])).toThrow(TamperedError)
  })

  it('differs at every sealing', () => {
    expect(sealer.seal('secret', context)).not.toBe(sealer.seal('secret', context))
  })

  it('is text in three parts that shows nothing of the secret', () => {
    const sealed = sealer.seal('secret', context)
    expect(sealed).toMatch(/^v1\.old\.[A-Za-z0-9_-]+$/)
    expect(Buffer.from(sealed.slice(7), 'base64url').toString('latin1')).not.toContain('secret')
  })
})

describe('rotation', () => {
  it('seals with the first key and unseals with all', () => {
    const rotated = createSealer([newKey, oldKey])
    expect(rotated.unseal(sealer.seal('secret', context), context)).toBe('secret')
    expect(keyIdOf(rotated.seal('secret', context))).toBe('new')
  })

  it('names the key that is missing', () => {
    const sealed = sealer.seal('secret', context)
    expect(() => createSealer([newKey]).unseal(sealed, context)).toThrow(UnknownKeyError)
    expect(() => createSealer([newKey]).unseal(sealed, context)).toThrow('"old"')
  })

  it('does not unseal with another key of the same id', () => {
    const imposter = createSealer([{ id: 'old', bytes: newKey.bytes }])
    expect(() => imposter.unseal(sealer.seal('secret', context), context)).toThrow(TamperedError)
  })

  it('does not accept a value under another key id', () => {
    const both = createSealer([oldKey, { id: 'alias', bytes: oldKey.bytes }])
    expect(() => both.unseal(both.seal('secret', context).replace('old', 'alias'), context)).toThrow(
      TamperedError,
    )
  })
})

describe('what fails', () => {
  it.each(['', 'secret', 'v2.old.AAAA', 'v1.old', 'v1..AAAA', 'v1.old.', 'v1.old.AAAA', 'v1.old.AAAA.AAAA'])(
    'refuses %j as no sealed value',
    text => {
      expect(() => sealer.unseal(text, context)).toThrow(TamperedError)
    },
  )

  it('never shows the plaintext, also not as a cause', () => {
    const sealed = sealer.seal('jane@example.com', context)
    try {
      sealer.unseal(sealed, ['elsewhere'])
      expect.unreachable()
    } catch (error) {
      expect(error).toBeInstanceOf(TamperedError)
      expect(error).not.toHaveProperty('cause')
      expect(String(error)).not.toContain('jane')
    }
  })

  it('needs a key', () => {
    expect(() => createSealer([])).toThrow('at least one key')
  })
})

describe('sealed bytes', () => {
  it('unseal to what was sealed, and with the same context only', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.array(anyString), (plain, words) => {
        const sealed = sealer.sealBytes(plain, words)
        expect(new Uint8Array(sealer.unsealBytes(sealed, words))).toEqual(plain)
        expect(() => sealer.unsealBytes(sealed, [...words, 'more'])).toThrow(TamperedError)
      }),
    )
  })

  it('fail with any changed or missing byte', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.nat(), fc.integer({ min: 1, max: 255 }), (plain, at, change) => {
        const sealed = sealer.sealBytes(plain, context)
        const changed = Buffer.from(sealed)
        const place = at % sealed.length
        changed[place] = (sealed[place] ?? 0) ^ change
        expect(() => sealer.unsealBytes(changed, context)).toThrow(/does not unseal|sealed with the key/)
        expect(() => sealer.unsealBytes(sealed.subarray(0, place), context)).toThrow(
          /does not unseal|sealed with the key/,
        )
      }),
    )
  })

  it('unseal with an old key, and name one that is missing', () => {
    const sealed = sealer.sealBytes(Uint8Array.of(1, 2), context)
    expect([...createSealer([newKey, oldKey]).unsealBytes(sealed, context)]).toEqual([1, 2])
    expect(() => createSealer([newKey]).unsealBytes(sealed, context)).toThrow(UnknownKeyError)
  })
})

describe('marks', () => {
  it('are the same for the same text and context, and tell nothing of it', () => {
    fc.assert(
      fc.property(anyString, anyString, (text, other) => {
        const [mark] = sealer.marks(text, context)
        expect(sealer.marks(text, context)[0]).toBe(mark)
        if (other !== text) expect(sealer.marks(other, context)[0]).not.toBe(mark)
        expect(sealer.marks(text, [...context, 'more'])[0]).not.toBe(mark)
        expect(mark).toMatch(/^[\w-]+\.[\w-]{43}$/)
      }),
    )
  })

  it('are found after a rotation while the old key is configured', () => {
    const [before] = createSealer([oldKey]).marks('jane@example.com', context)
    const [now, ...older] = createSealer([newKey, oldKey]).marks('jane@example.com', context)
    expect(older).toEqual([before])
    expect(now).not.toBe(before)
  })
})
