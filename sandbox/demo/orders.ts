/**
 * The shops' orders as Shopify would count them. The app's database outlives a start of the demo and the stand-in store does
 * not, so they are kept beside it.
 */
import { appendFileSync, existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { AdminOrder } from '../store/admin/contract.ts'

const fileIn = (folder: string) => join(folder, 'orders.jsonl')

/**
 * @param add told of those of earlier starts, and of each that is placed; without a shop: the demo's own
 * @returns what the store is to tell of its webhooks
 */
export function keepOrders(
  folder: string,
  add: (orders: readonly AdminOrder[], shop?: string) => void,
): (topic: string, body: string, shop?: string) => void {
  const file = fileIn(folder)
  if (existsSync(file))
    for (const line of readFileSync(file, 'utf8').split('\n')) {
      const { shop } = valuesIn(line)
      add(orderIn(line), typeof shop === 'string' ? shop : undefined)
    }
  return (topic, body, shop) => {
    const orders = topic === 'orders/create' ? orderIn(body) : []
    add(orders, shop)
    for (const order of orders)
      appendFileSync(file, `${JSON.stringify({ id: order.id, created_at: order.createdAt, shop })}\n`)
  }
}

export function forgetOrders(folder: string): void {
  rmSync(fileIn(folder), { force: true })
}

/** None, where a script sends something else. */
function orderIn(body: string): AdminOrder[] {
  const { id, created_at: createdAt } = valuesIn(body)
  if (id === undefined || typeof createdAt !== 'string' || Number.isNaN(Date.parse(createdAt))) return []
  return [{ id: String(id), createdAt }]
}

function valuesIn(text: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(text))
  } catch {
    return {}
  }
}
