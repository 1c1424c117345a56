import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { emptyTables, type TestDatabase, testDatabase } from '../db/testing.ts'
import { type Attempt, createThrottle, forgetAttempts, forgetAttemptsAt, type Throttle } from './throttle.ts'

let test: TestDatabase
let throttle: Throttle
beforeAll(async () => {
  test = await testDatabase()
  throttle = createThrottle(test.database.pool)
})
afterAll(() => test.drop())
beforeEach(() => emptyTables(test.database.pool))

const EMAIL = 'agent@example.com'
const from = (address: string | null, email = EMAIL): Attempt => ({ email, address, device: null })
const known: Attempt = {
  email: EMAIL,
  address: '198.51.100.7',
  device: { id: randomUUID(), emails: [EMAIL] },
}

/** @returns how many of so many tries passed */
async function tries(count: number, attempt: (place: number) => Attempt): Promise<number> {
  const taken = await Promise.all(Array.from({ length: count }, (_, place) => throttle.take(attempt(place))))
  return taken.filter(each => each === null).length
}

it('who comes back from the provider has fifty tries from an address, apart from those with passwords', async () => {
  const address = '198.51.100.7'
  const all = await Promise.all(Array.from({ length: 60 }, () => throttle.takeCallback(address)))
  expect(all.filter(each => each === null)).toHaveLength(50)
  expect(await throttle.take(from(address))).toBeNull()
  expect(await throttle.takeCallback('198.51.100.8')).toBeNull()
  await throttle.giveBackCallback('198.51.100.8')
  expect(await throttle.takeCallback(null)).toBeNull()
})

it('a refusal is worth writing down once for a person and a reason', async () => {
  const asked = [
    ['p-1', 'unknown'],
    ['p-1', 'unknown'],
    ['p-1', 'disabled'],
    ['p-2', 'unknown'],
  ]
  const firsts = []
  for (const each of asked) firsts.push(await throttle.isFirstRefusal(...each))
  expect(firsts).toEqual([true, false, true, true])
})

describe('who guesses', () => {
  it('has ten tries at an account from an address, and is told how long to wait', async () => {
    expect(await tries(15, () => from('198.51.100.7'))).toBe(10)
    const stopped = await throttle.take(from('198.51.100.7'))
    expect(stopped?.seconds).toBeGreaterThan(800)
    expect(stopped?.seconds).toBeLessThanOrEqual(900)
  })

  it('is told what is used up: by itself, from its address, at the account, or in its own browser', async () => {
    await tries(10, () => known)
    expect(await throttle.take(known)).toMatchObject({ by: 'device' })
    await tries(10, () => from('198.51.100.7'))
    expect(await throttle.take(from('198.51.100.7'))).toMatchObject({ by: 'pair' })
    await tries(50, place => from('198.51.100.8', `${place}@example.com`))
    const stranger = from('198.51.100.8', 'more@example.com')
    expect(await throttle.take(stranger)).toMatchObject({ by: 'address' })
    expect(await throttle.take(stranger)).toMatchObject({ by: 'address' })
    await tries(100, place => from(`198.51.101.${place}`))
    expect(await throttle.take(from('198.51.100.9'))).toMatchObject({ by: 'account' })
  })

  it('is the first to be stopped once', async () => {
    await tries(10, () => from('198.51.100.7'))
    const firsts = []
    for (let each = 0; each < 3; each++) firsts.push((await throttle.take(from('198.51.100.7')))?.first)
    expect(firsts).toEqual([true, false, false])
  })

  it('has fifty from an address, whatever the accounts', async () => {
    expect(await tries(60, place => from('198.51.100.7', `${place}@example.com`))).toBe(50)
  })

  it('adds no more counts from an address that has used up its own, and is the first to be stopped once', async () => {
    await tries(50, place => from('198.51.100.7', `${place}@example.com`))
    const firsts = []
    for (let each = 0; each < 20; each++)
      firsts.push((await throttle.take(from('198.51.100.7', `more-${each}@example.com`)))?.first)
    expect(firsts).toEqual([true, ...Array.from({ length: 19 }, () => false)])
    const { rows } = await test.database.pool.query('select count(*)::int from support_throttle')
    // An address; an account and a pair for each of fifty, and the pair of who was stopped first.
    expect(rows).toEqual([{ count: 1 + 2 * 50 + 1 }])
  })

  it('has fifty also where no address is known', async () => {
    expect(await tries(60, place => from(null, `${place}@example.com`))).toBe(50)
  })

  it('has a hundred at an account, from wherever', async () => {
    expect(await tries(120, place => from(`198.51.100.${place}`))).toBe(100)
  })

  it('counts also where the address is not known, by account', async () => {
    expect(await tries(15, () => from(null))).toBe(10)
    expect(await throttle.take(from(null, 'other@example.com'))).toBeNull()
  })

  it('does not use up from one address what an account has from others', async () => {
    await tries(200, () => from('198.51.100.7'))
    expect(await throttle.take(from('198.51.100.8'))).toBeNull()
  })

  it('does not stop a browser that has signed in as the account, from the same address neither', async () => {
    await tries(200, place => from(`198.51.100.${place % 20}`))
    expect(await throttle.take(from('198.51.100.99'))).not.toBeNull()
    expect(await throttle.take(known)).toBeNull()
  })

  it('is not known as others than it has signed in as', async () => {
    await tries(10, () => from('198.51.100.7', 'other@example.com'))
    expect(await throttle.take({ ...known, email: 'other@example.com' })).not.toBeNull()
  })
})

describe('an account whose tries are forgotten', () => {
  it('is open again to new browsers and to known ones, and no other account is', async () => {
    const other = from('198.51.100.7', 'other@example.com')
    await tries(120, place => from(`198.51.100.${place}`))
    await tries(10, () => known)
    await tries(10, () => other)
    expect(await throttle.take(from('198.51.100.200'))).not.toBeNull()
    expect(await forgetAttemptsAt(test.database.pool, EMAIL)).toBeGreaterThan(100)
    expect(await throttle.take(from('198.51.100.1'))).toBeNull()
    expect(await throttle.take(from('198.51.100.200'))).toBeNull()
    expect(await throttle.take(known)).toBeNull()
    expect(await throttle.take(other)).not.toBeNull()
  })
})

describe('a known browser', () => {
  it('has ten tries of its own', async () => {
    expect(await tries(12, () => known)).toBe(10)
  })
})

describe('what was right', () => {
  it('is given back', async () => {
    for (let each = 0; each < 15; each++) {
      expect(await throttle.take(from('198.51.100.7'))).toBeNull()
      await throttle.giveBack(from('198.51.100.7'))
    }
  })
})

describe('what is kept', () => {
  const keys = async () => (await test.database.pool.query('select key from support_throttle')).rows

  it('names nobody', async () => {
    await throttle.take(from('198.51.100.7'))
    expect(await keys()).toHaveLength(3)
    expect(JSON.stringify(await keys())).not.toMatch(/agent|198/)
  })

  it('is forgotten when it counts no more', async () => {
    await throttle.take(from('198.51.100.7'))
    expect(await forgetAttempts(test.database.pool)).toBe(0)
    await test.database.pool.query('update support_throttle set expire = expire - 900001')
    expect(await throttle.take(from('198.51.100.7'))).toBeNull()
    await test.database.pool.query('update support_throttle set expire = expire - 900001')
    expect(await forgetAttempts(test.database.pool)).toBe(3)
    expect(await keys()).toEqual([])
  })
})
