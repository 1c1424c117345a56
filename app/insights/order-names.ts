/**
 * What an order may be called that somebody asks for: with "#" and without, as typed, in capitals and in small letters. The indexes of
 * orders' names know a name only as its shop writes it.
 */
export function orderNames(typed: string): string[] {
  // A shop may call its orders so.
  const asTyped = typed.trim().replace(/^#/, '')
  const names = [bareOrder(typed), asTyped].flatMap(name => [name, name.toUpperCase(), name.toLowerCase()])
  return [...new Set(names.flatMap(name => [name, `#${name}`]))]
}

/** Without its "#", or that it is an order, in English: a name's number, or Shopify's id. */
export const bareOrder = (typed: string): string =>
  typed
    .trim()
    .replace(/^order\s+(?=\S)/i, '')
    .replace(/^#/, '')
