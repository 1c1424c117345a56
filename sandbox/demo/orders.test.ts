import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { AdminOrder } from '../store/admin/contract.ts'
import { forgetOrders, keepOrders } from './orders.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-orders-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function start(): { told: AdminOrder[]; tells(topic: string, body: string): void } {
  const told: AdminOrder[] = []
  return { told, tells: keepOrders(folder, orders => told.push(...orders)) }
}
const ORDER = { id: 7, created_at: '2026-11-20T10:00:00Z', name: '#1' }

it('keeps orders that were placed for the next start', () => {
  const first = start()
  first.tells('orders/create', JSON.stringify(ORDER))
  first.tells('orders/paid', JSON.stringify({ ...ORDER, id: 8 }))
  for (const body of ['no JSON', '{}', 'null', '{"id":9,"created_at":"soon"}'])
    first.tells('orders/create', body)
  const orders = [{ id: '7', createdAt: ORDER.created_at }]
  expect(first.told).toEqual(orders)
  expect(start().told).toEqual(orders)
})

it('keeps of which shop an order is, where it is not the demo’s own', () => {
  const told: unknown[] = []
  const started = () => keepOrders(folder, (orders, shop) => orders.length > 0 && told.push(shop))
  const tells = started()
  tells('orders/create', JSON.stringify(ORDER), 'new.myshopify.com')
  tells('orders/create', JSON.stringify({ ...ORDER, id: 8 }))
  started()
  expect(told).toEqual(['new.myshopify.com', undefined, 'new.myshopify.com', undefined])
})

it('forgets them with the database', () => {
  start().tells('orders/create', JSON.stringify(ORDER))
  forgetOrders(folder)
  forgetOrders(folder)
  expect(start().told).toEqual([])
})
