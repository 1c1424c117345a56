/**
 * Keeping what attests who a visitor is, inside the transaction that accepts it: one statement for the checkouts of a
 * group, one for the links that follow, both in the order of their keys. Statements come to the same in whatever order they
 * are learned, and however often: of each origin the newest counts.
 */
import type { PoolClient } from 'pg'
import { toJsonb } from '../db/jsonb.ts'
import { comparable } from '../events/email.ts'
import type { Sealer } from '../secrets/seal.ts'
import type { Attested, CheckoutSaid, NamedPerson, Said, SessionSaid } from './links.ts'

/** Browsers that are joined to one checkout. More than these few share it by a link, or make them up. */
const MOST_VISITORS = 5
const DAY_MS = 24 * 3600_000

type PersonColumns = {
  customer_id: string | null
  email: string | null
  email_mark: string | null
  marketing: boolean | null
  /** Null: nobody is named yet. */
  said_at: string | null
}
type CheckoutRow = PersonColumns & { shop_id: number; token: string; visitors: string[] }
type LinkRow = PersonColumns & { shop_id: number; visitor_id: string; origin: string }

/** A visitor of a shop. */
export type ShopVisitor = { shopId: number; visitorId: string }

/**
 * Does nothing, and asks nothing, when nothing is said.
 * @returns the visitors of whom something new is known by it: who is signed in all day long is none of them
 */
export async function learnLinks(
  client: PoolClient,
  sealer: Sealer,
  { sessions, checkouts, attested }: Said,
): Promise<ShopVisitor[]> {
  const rows = checkoutRows(sealer, checkouts)
  const joined = rows.length > 0 ? await saveCheckouts(client, rows) : []
  const links = [
    ...sessionLinks(sessions),
    ...attested.map(one => attestedLink(sealer, one)),
    ...joined.flatMap(linksOf),
  ]
  return links.length > 0 ? saveLinks(client, newestOfEach(links)) : []
}

function attestedLink(sealer: Sealer, { shopId, visitorId, token, person, at }: Attested): LinkRow {
  const columns = personColumns(sealer, shopId, person, at)
  return { shop_id: shopId, visitor_id: visitorId, origin: token, ...columns }
}

/** A statement changes a row once. */
function newestOfEach(links: readonly LinkRow[]): LinkRow[] {
  const newest = new Map<string, LinkRow>()
  for (const link of links) {
    const key = `${link.shop_id} ${link.visitor_id} ${link.origin}`
    const before = newest.get(key)
    newest.set(key, before ? newerOf(before, link) : link)
  }
  return [...newest.values()]
}

/** One row for each checkout: every visitor, and the newest person. */
function checkoutRows(sealer: Sealer, checkouts: readonly CheckoutSaid[]): CheckoutRow[] {
  const groups = Map.groupBy(checkouts, ({ shopId, token }) => `${shopId} ${token}`)
  return [...groups.values()].flatMap(group => {
    const [first] = group
    if (!first) return []
    const visitors = [...new Set(group.flatMap(({ visitorId }) => visitorId ?? []))]
    const people = group.flatMap(({ shopId, person, at }) =>
      person ? personColumns(sealer, shopId, person, at) : [],
    )
    const newest = people.reduce<PersonColumns>(newerOf, NOBODY)
    return {
      shop_id: first.shopId,
      token: first.token,
      visitors: visitors.sort().slice(0, MOST_VISITORS),
      ...newest,
    }
  })
}

const NOBODY: PersonColumns = {
  customer_id: null,
  email: null,
  email_mark: null,
  marketing: null,
  said_at: null,
}

function personColumns(
  sealer: Sealer,
  shopId: number,
  { customerId, email, acceptsMarketing }: NamedPerson,
  at: string,
): PersonColumns {
  const mark = email === null ? null : sealer.marks(comparable(email), markContext(shopId))[0]
  const sealed = email === null || mark === null ? null : sealer.seal(email, emailContext(shopId, mark))
  const saidAt = new Date(at).toISOString()
  return {
    customer_id: customerId,
    email: sealed,
    email_mark: mark,
    marketing: acceptsMarketing,
    said_at: saidAt,
  }
}

/** What marks of addresses are bound to. */
export const markContext = (shopId: number): string[] => [String(shopId), 'email']
/** What a sealed address is bound to. */
export const emailContext = (shopId: number, mark: string): string[] => [String(shopId), 'email', mark]

/** Of one second, in which a no counts before a yes, and either before nothing. */
const rankOf = (marketing: boolean | null) => (marketing === null ? '0' : marketing ? '1' : '2')
const rankInSql = (marketing: string) => `case ${marketing} when true then 1 when false then 2 else 0 end`

function newerOf<T extends PersonColumns>(a: T, b: T): T {
  const key = ({ said_at: at, customer_id: customer, email_mark: mark, marketing }: PersonColumns) =>
    [at ?? '', customer ?? '', mark ?? '', rankOf(marketing)] as const
  const [one, other] = [key(a), key(b)]
  const place = one.findIndex((part, i) => part !== other[i])
  return place >= 0 && (other[place] ?? '') > (one[place] ?? '') ? b : a
}

/** The order of `newerOf`, by bytes as there. */
const isNewer = (given: string, kept: string) => {
  const key = (row: string) =>
    `(${row}.said_at, coalesce(${row}.customer_id, '') collate "C", coalesce(${row}.email_mark, '') collate "C",
      ${rankInSql(`${row}.marketing`)})`
  return `(${given}.said_at is not null and (${kept}.said_at is null or ${key(given)} > ${key(kept)}))`
}
const isSame = (a: string, b: string) =>
  `((${a}.customer_id, ${a}.email_mark, ${a}.marketing) is not distinct from (${b}.customer_id, ${b}.email_mark, ${b}.marketing))`
const newest = (column: string, newer: string, kept: string) =>
  `${column} = case when ${newer} then excluded.${column} else ${kept}.${column} end`
/** An address sealed anew is no news, and the place of a row in the index of ages changes only with what it says. */
const personNewest = (kept: string, writtenAt: string, other = 'false') => {
  const newer = isNewer('excluded', kept)
  return `${newest('customer_id', newer, kept)}, ${newest('email_mark', newer, kept)}, ${newest('said_at', newer, kept)},
    ${newest('marketing', newer, kept)},
    email = case when ${newer} and not ${isSame('excluded', kept)} then excluded.email else ${kept}.email end,
    ${writtenAt} = case when ${other} or (${newer} and not ${isSame('excluded', kept)}) then now() else ${kept}.${writtenAt} end`
}

const ALL_VISITORS = `array(
  select v from (select distinct v from unnest(c.visitors || excluded.visitors) v) all_of_them
  order by v collate "C" limit ${MOST_VISITORS})`
const MORE_VISITORS = `(${ALL_VISITORS} is distinct from c.visitors)`

/** @returns those that something was new of, with all that is known of them now */
async function saveCheckouts(client: PoolClient, rows: readonly CheckoutRow[]): Promise<CheckoutRow[]> {
  const saved = await client.query<Omit<CheckoutRow, 'said_at'> & { said_at: Date | null }>({
    name: 'save-visitor-checkouts',
    text: `insert into visitor_checkouts as c (shop_id, token, visitors, customer_id, email, email_mark, marketing, said_at, touched_at)
     select shop_id, token, visitors, customer_id, email, email_mark, marketing, said_at, now()
     from jsonb_to_recordset($1::jsonb) as r(shop_id int, token text, visitors text[], customer_id text, email text,
                                             email_mark text, marketing boolean, said_at timestamptz)
     order by shop_id, token
     on conflict (shop_id, token) do update set
       visitors = ${ALL_VISITORS},
       ${personNewest('c', 'touched_at', MORE_VISITORS)}
     where ${MORE_VISITORS} or ${isNewer('excluded', 'c')}
     returning shop_id, token, visitors, customer_id, email, email_mark, marketing, said_at`,
    values: [toJsonb(rows)],
  })
  return saved.rows.map(row => ({ ...row, said_at: row.said_at?.toISOString() ?? null }))
}

function linksOf({ token, visitors, ...row }: CheckoutRow): LinkRow[] {
  if (row.said_at === null) return []
  return visitors.map(visitor_id => ({ ...row, visitor_id, origin: token }))
}

/** A day's sessions of one customer are one statement: seen all day long, it is written once. */
function sessionLinks(sessions: readonly SessionSaid[]): LinkRow[] {
  return sessions.map(({ shopId, visitorId, customerId, at }) => {
    const day = Math.floor(Date.parse(at) / DAY_MS) * DAY_MS
    return {
      shop_id: shopId,
      visitor_id: visitorId,
      origin: `session:${customerId}`,
      ...NOBODY,
      customer_id: customerId,
      said_at: new Date(day).toISOString(),
    }
  })
}

/** @returns whose links are new, name somebody else now, or say of marketing what they did not */
async function saveLinks(client: PoolClient, rows: readonly LinkRow[]): Promise<ShopVisitor[]> {
  const saved = await client.query<{ shop_id: number; visitor_id: string; news: boolean }>({
    name: 'save-visitor-links',
    text: `insert into visitor_links as l (shop_id, visitor_id, origin, customer_id, email, email_mark, marketing, said_at, linked_at)
     select shop_id, visitor_id, origin, customer_id, email, email_mark, marketing, said_at, now()
     from jsonb_to_recordset($1::jsonb) as r(shop_id int, visitor_id text, origin text, customer_id text, email text,
                                             email_mark text, marketing boolean, said_at timestamptz)
     order by shop_id, visitor_id, origin
     on conflict (shop_id, visitor_id, origin) do update set ${personNewest('l', 'linked_at')}
     where ${isNewer('excluded', 'l')}
     returning shop_id, visitor_id, linked_at = now()::timestamptz(3) as news`,
    values: [toJsonb(rows)],
  })
  return saved.rows.flatMap(row => (row.news ? { shopId: row.shop_id, visitorId: row.visitor_id } : []))
}
