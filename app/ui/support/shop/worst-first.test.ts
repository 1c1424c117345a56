import { expect, it } from 'vitest'
import type { LaneState } from '../lane-state.tsx'
import { inOrderOf, worstFirst } from './worst-first.ts'

const vendor = (name: string, state: LaneState) => ({ id: name.toLowerCase(), name, state })
const ids = (vendors: { id: string }[]) => vendors.map(({ id }) => id)

it('puts what needs somebody before what is held and what waits, and those that stand alike by name', () => {
  const vendors = [
    vendor('Alana', 'ok'),
    vendor('Brave', 'paused'),
    vendor('Cosy', 'held'),
    vendor('Zesty', 'failing'),
    vendor('Ecomail', 'failing'),
    vendor('Early', 'attention'),
  ]
  expect(ids(worstFirst(vendors))).toEqual(['early', 'ecomail', 'zesty', 'cosy', 'brave', 'alana'])
})

it('leaves them where they were, and one that is new last', () => {
  const now = [vendor('New', 'failing'), vendor('Alana', 'held'), vendor('Ecomail', 'ok')]
  expect(ids(inOrderOf(['ecomail', 'alana'], now))).toEqual(['ecomail', 'alana', 'new'])
})
