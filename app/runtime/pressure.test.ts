import { beforeEach, describe, expect, it } from 'vitest'
import { CALM_MS, createPressure, type Pressure } from './pressure.ts'

let now: number
let pressure: Pressure
let ends: (() => void)[]
/** Takes so many more in hand. */
function take(count: number): void {
  for (let i = 0; i < count; i++) void pressure.during(() => new Promise<void>(done => ends.push(done)))
}
async function end(count: number): Promise<void> {
  for (const done of ends.splice(0, count)) done()
  await new Promise(setImmediate)
}

beforeEach(() => {
  now = 0
  ends = []
  pressure = createPressure({ high: 5, low: 2 }, () => now)
})

describe('pressure', () => {
  it('is high for the one that is one too many', () => {
    take(3)
    expect(pressure.isHigh()).toBe(false)
    take(1)
    expect(pressure.isHigh()).toBe(true)
  })

  it('is always high when one is too many', () => {
    pressure = createPressure({ high: 1, low: 0 }, () => now)
    for (; now < 3 * CALM_MS; now += CALM_MS - 1) expect(pressure.isHigh()).toBe(true)
  })

  it('stays high until few have been in hand for a while', async () => {
    take(5)
    expect(pressure.isHigh()).toBe(true)
    await end(5)
    now += CALM_MS
    expect(pressure.isHigh()).toBe(true)
    now += 1
    expect(pressure.isHigh()).toBe(false)
  })

  it('stays high while more than a few come, with pauses', async () => {
    take(5)
    expect(pressure.isHigh()).toBe(true)
    for (let i = 0; i < 5; i++) {
      await end(5)
      now += CALM_MS - 1
      take(3)
      expect(pressure.isHigh()).toBe(true)
    }
  })

  it('goes down while a few are in hand all the time, and up again', async () => {
    take(5)
    expect(pressure.isHigh()).toBe(true)
    await end(4)
    for (let i = 0; i < 3; i++) {
      now += CALM_MS + 1
      expect(pressure.isHigh()).toBe(false)
    }
    take(2)
    expect(pressure.isHigh()).toBe(false)
    take(1)
    expect(pressure.isHigh()).toBe(true)
  })

  it('counts what failed no longer', async () => {
    for (let i = 0; i < 4; i++) await pressure.during(() => Promise.reject(new Error('no'))).catch(() => {})
    take(1)
    expect(pressure.isHigh()).toBe(false)
  })
})
