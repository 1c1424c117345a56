import type { PoolClient } from 'pg'
import { describe, expect, it } from 'vitest'
import { NOBODY, type StoreEvent } from '../events/store-event.ts'
import { learnLinks } from '../identity/learn-links.ts'
import { saidIn } from '../identity/links.ts'
import { storeEvent } from '../vendors/testing.ts'
import { noteCollectors, pixelShops } from './collectors.ts'
import { sealer } from './testing.ts'

const view = (source: StoreEvent['source'] = 'storefront') => {
  const actor = { ...NOBODY, visitorId: 'v1' }
  return { shopId: 1, event: storeEvent('search_submitted', { url: null, query: 'x' }, { source, actor }) }
}

/** Counts the statements. */
function client(): { client: PoolClient; values: unknown[][] } {
  const values: unknown[][] = []
  const query = async (_text: string, given: unknown[]) => void values.push(given)
  return { client: { query } as unknown as PoolClient, values }
}

describe('an anonymous view', () => {
  it('costs no statement, once its collector is known', async () => {
    const { client: counted, values } = client()
    await learnLinks(counted, sealer, saidIn([view()], new Set([1])))
    await noteCollectors(counted, [{ id: 1, collectors: ['storefront'] }], [view()])
    expect(values).toEqual([])
  })
})

describe('a collector', () => {
  it('is noted when it tells of something first, shop by shop', async () => {
    const { client: counted, values } = client()
    const shops = [
      { id: 2, collectors: [] },
      { id: 1, collectors: ['storefront'] },
    ]
    const events = [{ ...view(), shopId: 2 }, view('pixel'), view(), view('webhook')]
    await noteCollectors(counted, shops, events)
    expect(values).toEqual([
      [1, ['storefront', 'pixel']],
      [2, ['storefront']],
    ])
  })

  it('is the pixel where it has told of anything, or does now', () => {
    const shops = [1, 2, 3].map(id => ({ id, collectors: id === 2 ? ['pixel'] : [] }))
    expect(pixelShops(shops, [{ ...view('pixel'), shopId: 3 }, view()])).toEqual(new Set([2, 3]))
  })
})
