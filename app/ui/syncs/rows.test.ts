import { createElement } from 'react'
import { expect, it } from 'vitest'
import type { SyncsPage } from '../../runtime/merchant-preview.ts'
import { drawn, textOf } from '../testing.ts'
import { SyncRows } from './rows.tsx'

type Row = SyncsPage['rows'][number]
const row = (over: Partial<Row>): Row => ({
  type: 'order_created',
  becomes: 'order-create',
  on: true,
  purposes: [],
  unless: null,
  fields: [],
  ...over,
})
const told = (...rows: Row[]) =>
  textOf(drawn(createElement(SyncRows, { page: { id: 'tiny', name: 'Tiny', rows } })))

it('each kind of event stands with what it becomes and whether it is on', () => {
  const text = told(row({}), row({ type: 'product_viewed', becomes: 'view', on: false }))
  expect(text).toMatch(/Order placed .*On.*order-create.*Product viewed .*Off.*view/)
})

it('what a visitor must have allowed is told, or what stops a notice of Shopify’s', () => {
  expect(told(row({ purposes: ['analytics', 'marketing'] }))).toMatch(/analytics.*marketing/i)
  const unless = told(row({ purposes: ['analytics'], unless: 'marketing' }))
  expect(unless).toContain('Unless refused: marketing')
  expect(unless).not.toMatch(/analytics/i)
})

it('its fields are there to be opened', () => {
  const goes = { known: true, decides: false, needed: null, standsInFor: [], elsewhere: [] }
  expect(told(row({ fields: [{ ...goes, field: 'order.total', goes: ['amount'] }] }))).toContain('amount')
})
