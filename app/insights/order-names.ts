/** SQL: what an order's name is found by, in capitals or not, as the index `events_order_folded_idx` has it. */
export const FOLDED_ORDER_NAME = foldedInSql("data #>> '{order,name}'")

/** The same of what somebody asks for: the database folds both, as its locale does. @param name an expression of SQL */
export function foldedInSql(name: string): string {
  return `lower(left(${name}, 100))`
}

/** What an order may be called that somebody asks for, in any case: with "#" and without. */
export function orderNames(typed: string): string[] {
  // A shop may call its orders so.
  const asTyped = typed.trim().replace(/^#/, '')
  return [...new Set([bareOrder(typed), asTyped].flatMap(name => [name, `#${name}`]))]
}

/** Without its "#", or that it is an order, in English: a name's number, or Shopify's id. */
export const bareOrder = (typed: string): string =>
  typed
    .trim()
    .replace(/^order\s+(?=\S)/i, '')
    .replace(/^#/, '')
