import { describe, expect, it } from 'vitest'
import type { Limit } from '../../vendors/vendor.ts'
import { tinyVendor } from '../testing.ts'
import { allowancesOf, concerned } from './keys.ts'

const perMinute = (scope: Limit['scope'], requests = 10): Limit => ({ scope, requests, windowSeconds: 60 })
const keysOf = (shopId: number, secrets: string[], address: string, ...limits: Limit[]) =>
  allowancesOf(
    { shopId, vendor: 'tiny' },
    {
      vendor: tinyVendor({ limits: () => ({ limits, batch: 1, concurrency: 1 }) }),
      settings: {},
      secrets,
    },
    address,
  ).map(({ key }) => key)

describe('the key of a limit', () => {
  const key = perMinute('key')
  const both = perMinute('key+address')
  const address = perMinute('address')

  it('by credentials is one for all shops and nodes that have them, in whatever order', () => {
    expect(keysOf(1, ['a', 'b'], 'x', key)).toEqual(keysOf(2, ['b', 'a'], 'y', key))
    expect(keysOf(1, ['a', 'b'], 'x', key)).not.toEqual(keysOf(1, ['a', 'c'], 'x', key))
    expect(keysOf(1, ['a', 'b'], 'x', key)).not.toEqual(keysOf(1, ['a,b'], 'x', key))
  })

  it('by credentials and address is one for a node', () => {
    expect(keysOf(1, ['a'], 'x', both)).toEqual(keysOf(2, ['a'], 'x', both))
    expect(keysOf(1, ['a'], 'x', both)).not.toEqual(keysOf(1, ['a'], 'y', both))
    expect(keysOf(1, ['a'], 'x', both)).not.toEqual(keysOf(2, ['b'], 'x', both))
  })

  it('by address is one for all shops of a node', () => {
    expect(keysOf(1, ['a'], 'x', address)).toEqual(keysOf(2, ['b'], 'x', address))
    expect(keysOf(1, ['a'], 'x', address)).not.toEqual(keysOf(1, ['a'], 'y', address))
  })

  it('holds no credentials', () => {
    expect(keysOf(1, ['secret-0123456789'], 'x', key, both, address).join()).not.toContain('secret')
    expect(keysOf(1, ['a'], 'x', key)[0]).toMatch(/^tiny:key:[0-9a-f]{32}$/)
  })

  it('is the shop’s own where there are no credentials', () => {
    expect(keysOf(1, [], 'x', key)).not.toEqual(keysOf(2, [], 'x', key))
  })

  it('is another for each of several limits of one scope', () => {
    expect(new Set(keysOf(1, ['a'], 'x', key, perMinute('key', 99), both)).size).toBe(3)
  })
})

describe('an announcement', () => {
  const lane = { shopId: 1, vendor: 'tiny' }
  const limits = [perMinute('key', 1000), perMinute('key+address', 100)]
  const vendor = tinyVendor({ limits: () => ({ limits, batch: 1, concurrency: 1 }) })
  const allowances = allowancesOf(lane, { vendor, settings: {}, secrets: ['a'] }, 'x')

  it('is about the limit it names', () => {
    expect(concerned(allowances, 'key')?.scope).toBe('key')
  })

  it.each([undefined, 'address' as const])('that names %s is about the one that allows the least', scope => {
    expect(concerned(allowances, scope)?.scope).toBe('key+address')
    expect(concerned([], scope)).toBeUndefined()
  })
})
