/**
 * What an order may be called that somebody asks for: with "#" and without, as typed, in capitals and in small letters. The indexes of
 * orders' names know a name only as its shop writes it.
 */
export function orderNames(typed: string): string[] {
  const bare = bareOrder(typed)
  return [...new Set([bare, bare.toUpperCase(), bare.toLowerCase()].flatMap(name => [name, `#${name}`]))]
}

/** Without its "#": a name's number, or Shopify's id. */
export const bareOrder = (typed: string): string => typed.trim().replace(/^#/, '')
