import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createSealer } from '../secrets/seal.ts'
import { knownDevice, readDevice } from './device.ts'

const sealer = createSealer([{ id: 'a', bytes: randomBytes(32) }])

describe('a known browser', () => {
  it('keeps its name and learns as whom it has signed in, the last five', () => {
    let device = readDevice(sealer, knownDevice(sealer, null, 'a@example.com'))
    const first = device?.id
    for (const name of ['b', 'c', 'a', 'd', 'e', 'f'])
      device = readDevice(sealer, knownDevice(sealer, device, `${name}@example.com`))
    expect(device).toEqual({
      id: first,
      emails: ['f', 'e', 'd', 'a', 'c'].map(name => `${name}@example.com`),
    })
  })

  it('cannot be made up', () => {
    const made = JSON.stringify({ id: crypto.randomUUID(), emails: ['a@example.com'] })
    const others = createSealer([{ id: 'a', bytes: randomBytes(32) }])
    for (const cookie of [
      null,
      '',
      made,
      knownDevice(others, null, 'a@example.com'),
      sealer.seal(made, ['support', 'a@example.com']),
    ])
      expect(readDevice(sealer, cookie)).toBeNull()
  })
})
