/**
 * Orders of the stand-in's shops, and how many of them a search finds: as much of Shopify's search syntax as times of creation need
 * (https://shopify.dev/docs/api/usage/search-syntax).
 */
import type { AdminOrder } from './contract.ts'

export type OrderBook = {
  /** The same order again is that order. */
  add(shop: string, orders: readonly AdminOrder[]): void
  /** What the merchant deletes is not counted any more. */
  remove(shop: string, ids: readonly string[]): void
  /** @throws SyntaxError for a search that the stand-in does not understand */
  count(shop: string, query: unknown, limit: unknown): { count: number; precision: 'EXACT' | 'AT_LEAST' }
}

/** https://shopify.dev/docs/api/admin-graphql/latest/queries/ordersCount: without a limit that is null. */
const MOST = 10_000
const TERM = /^created_at:(>=|<=|>|<)(['"])(.+)\2$/

export function createOrderBook(): OrderBook {
  const shops = new Map<string, Map<string, number>>()
  const ordersOf = (shop: string) => {
    const orders = shops.get(shop) ?? new Map<string, number>()
    shops.set(shop, orders)
    return orders
  }
  return {
    add(shop, orders) {
      for (const { id, createdAt } of orders) ordersOf(shop).set(id, Date.parse(createdAt))
    },
    remove(shop, ids) {
      for (const id of ids) ordersOf(shop).delete(id)
    },
    count(shop, query, limit) {
      const terms = typeof query === 'string' ? query.split(/\s+(?:AND\s+)?/).filter(Boolean) : []
      const tests = terms.map(testOf)
      const found = [...ordersOf(shop).values()].filter(at => tests.every(test => test(at))).length
      const most = limit === null ? Number.POSITIVE_INFINITY : typeof limit === 'number' ? limit : MOST
      return found > most ? { count: most, precision: 'AT_LEAST' } : { count: found, precision: 'EXACT' }
    },
  }
}

function testOf(term: string): (at: number) => boolean {
  const [, comparator, , time = ''] = TERM.exec(term) ?? []
  const bound = Date.parse(time)
  if (comparator === undefined || Number.isNaN(bound)) throw new SyntaxError(`Invalid search: ${term}`)
  switch (comparator) {
    case '>=':
      return at => at >= bound
    case '<=':
      return at => at <= bound
    case '>':
      return at => at > bound
    default:
      return at => at < bound
  }
}
