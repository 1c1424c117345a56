/**
 * Finding shops, over all of them, by what support is told: a domain, a shop's name, a part of either, or an order's number. Each way
 * goes by an index and gives up after so many shops. An event's id leads to its one shop.
 */
import type { Pool } from 'pg'
import { likeLiteral } from '../db/like.ts'
import { FOLDED_ORDER_NAME, foldedInSql, orderNames } from './order-names.ts'

/** So many shops are found by one search; more are told as more. */
export const MOST_FOUND = 500
/** Shorter texts are looked for at the beginning of domains and names only: an index of three letters in a row knows no shorter ones. */
const LEAST_WITHIN = 3
/** With what follows a domain's own part in the index these are three. */
const LEAST_END = 2
const ENDING = '.myshopify.com'

/**
 * `ids`: shops, by `id`. `orders`: those of them that have an order of this name. `more`: not all are among them; those left out match
 * by their domain or name, or only have such an order.
 */
export type FoundShops = { ids: number[]; orders: number[]; more: 'named' | 'ordered' | null }

/** As the index by parts has it. */
export const SEARCHED = `lower(replace(domain, '${ENDING}', '') || ' ' || coalesce(name, ''))`

/**
 * Shops by their domain ($3), by the beginning of the domain or the name ($1), by any part of them ($2; null: not) and by the end of
 * the domain's own part ($4; null: not) where the domain has $5, each way so many, and by which. For the tests of its plan too.
 */
export const BY_NAME = `
  select id, 0 as way from shops where domain = $3
  union all
  (select id, 1 from shops where lower(domain) like $1 order by lower(domain) using ~<~ limit ${MOST_FOUND + 1})
  union all
  (select id, 2 from shops where lower(name) like $1 order by lower(name) using ~<~ limit ${MOST_FOUND + 1})
  union all
  (select id, 3 from shops where ${SEARCHED} like $2 limit ${MOST_FOUND + 1})
  union all
  (select id, 4 from shops where ${SEARCHED} like $4 and domain like $5 limit ${MOST_FOUND + 1})`

/** Notices of orders of one name that are looked at: an order has some, and a shop mostly one order of a name. */
const NOTICES = 1_000

/** Shops with an order of one of these names ($1), and how many notices each was found by. For the tests of its plan too. */
export const BY_ORDER = `
  select shop_id as id, count(*)::int as notices from (
    select shop_id from events
    where ${FOLDED_ORDER_NAME} = any(array(select ${foldedInSql('name')} from unnest($1::text[]) name))
      and (data #>> '{order,name}') is not null limit ${NOTICES}) e
  group by 1 order by 1`

/** @param text what was typed; in capitals or not, a domain with or without its ending, an order's number with or without "#" */
export async function findShops(pool: Pool, text: string): Promise<FoundShops> {
  const wanted = text.trim().toLowerCase()
  if (wanted === '') return { ids: [], orders: [], more: null }
  const [named, ordered] = await Promise.all([byName(pool, wanted), byOrder(pool, text.trim())])
  const ids = [...new Set([...named.ids, ...ordered.ids])].sort((a, b) => a - b)
  return { ids, orders: ordered.ids, more: named.more ? 'named' : ordered.more ? 'ordered' : null }
}

/** As a domain is looked for: of a page's address the domain alone. */
const domainIn = (wanted: string) => wanted.replace(/^https?:\/\//, '').replace(/\/.*$/, '')

/** @returns whether a text is nothing but a part of what every shop's domain ends with: by that no shop is told from others */
export function isOfEveryDomain(text: string): boolean {
  const part = domainIn(text.trim().toLowerCase())
  return part !== '' && ENDING.includes(part)
}

/** `more`: one of the ways gave up. */
type ByName = { ids: number[]; more: boolean }

async function byName(pool: Pool, wanted: string): Promise<ByName> {
  const address = domainIn(wanted)
  const isWhole = address.endsWith(ENDING)
  const own = ownPart(address)
  const found = await idsBy(pool, address, isWhole || own === null ? null : own)
  // A whole domain means the shop that is called so; where there is none it may be the end of one.
  return found.ids.length === 0 && isWhole && own !== null ? idsBy(pool, address, own) : found
}

/** @param own the end of a domain's own part, where the text reaches beyond it */
async function idsBy(pool: Pool, address: string, own: string | null): Promise<ByName> {
  const isWhole = address.endsWith(ENDING)
  const part = `%${likeLiteral(address)}%`
  const within = isWhole || address.length < LEAST_WITHIN ? null : part
  const domain = isWhole ? address : `${own ?? address}${ENDING}`
  const end = own !== null && own.length >= LEAST_END ? `%${likeLiteral(own)} %` : null
  const { rows } = await pool.query<{ id: number; way: number }>(BY_NAME, [
    ...[`${likeLiteral(address)}%`, within, domain],
    ...[end, part],
  ])
  const ways = Map.groupBy(rows, ({ way }) => way)
  return {
    ids: [...new Set(rows.map(({ id }) => id))],
    more: [...ways.values()].some(found => found.length > MOST_FOUND),
  }
}

/** What stands before the dot of a text that goes on with what all domains end with; null: it does not. */
function ownPart(address: string): string | null {
  const dot = address.indexOf('.')
  return dot > 0 && ENDING.startsWith(address.slice(dot)) ? address.slice(0, dot) : null
}

async function byOrder(pool: Pool, wanted: string): Promise<{ ids: number[]; more: boolean }> {
  const { rows } = await pool.query<{ id: number; notices: number }>(BY_ORDER, [orderNames(wanted)])
  const looked = rows.reduce((sum, { notices }) => sum + notices, 0)
  const ids = rows.map(({ id }) => id)
  return { ids: ids.slice(0, MOST_FOUND), more: ids.length > MOST_FOUND || looked === NOTICES }
}

/** The shop of an event ($1): its id says in which week alone to look, and an index of ids in that finds it. For the test of its plan too. */
export const BY_EVENT =
  'select s.domain from events e join shops s on s.id = e.shop_id where e.id = $1 limit 1'

/** @returns the domain; null: no shop has the event, or not any more */
export async function shopOfEvent(pool: Pool, id: string): Promise<string | null> {
  const { rows } = await pool.query<{ domain: string }>(BY_EVENT, [id])
  return rows[0]?.domain ?? null
}
