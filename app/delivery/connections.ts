/**
 * Connections: a shop's configured vendors. Secret settings are sealed under the shop and the vendor; what
 * this module hands out is the parsed settings, for use in memory only.
 */
import { isDeepStrictEqual } from 'node:util'
import type { Pool, PoolClient } from 'pg'
import { z } from 'zod'
import { toJsonb } from '../db/jsonb.ts'
import type { Sealer } from '../secrets/seal.ts'
import { VENDORS } from '../vendors/registry.ts'
import { fieldsOf } from '../vendors/settings.ts'
import { problemsOf } from '../vendors/settings-problems.ts'
import type { Vendor } from '../vendors/vendor.ts'
import { laneCircuit } from './gate/circuits.ts'
import { HELD_REASONS } from './outcome.ts'

/** The registry entry, whatever its settings type. */
export type AnyVendor = (typeof VENDORS)[number]

export type ConnectionRow = {
  vendor: string
  settings: Record<string, unknown>
  secrets: string
  enabled: boolean
  attention: string | null
  /** Why support holds the lane. */
  hold_reason: string | null
  paused_until: Date | null
  updated_at: Date
}

/** A connection's settings, ready for use: as the vendor's schema made them. Whether its lane may send, its row says. */
export type Connection = {
  vendor: Vendor<unknown>
  settings: unknown
  /** Values to mask wherever they appear. */
  secrets: readonly string[]
  /** The sealed credentials, by which newer ones are told apart. */
  sealed: string
}

/** Settings that the vendor's schema refuses. The message names the setting and what is wrong with it. */
export class SettingsError extends Error {
  override name = 'SettingsError'
}

/** A vendor that this version does not have. */
export class UnknownVendor extends SettingsError {
  override name = 'UnknownVendor'
}

/** @returns null when this version has no such vendor */
export function vendorNamed(id: string, vendors: readonly AnyVendor[] = VENDORS): AnyVendor | null {
  return vendors.find(vendor => vendor.id === id) ?? null
}

/** @throws UnknownVendor naming the vendors there are. */
export function vendorById(id: string, vendors: readonly AnyVendor[] = VENDORS): AnyVendor {
  const vendor = vendorNamed(id, vendors)
  if (!vendor)
    throw new UnknownVendor(
      `There is no vendor "${id}"; the vendors are ${vendors.map(v => v.id).join(', ')}.`,
    )
  return vendor
}

/** The vendor is being disconnected from the shop: nothing is saved for it until that is over. */
export class BeingDisconnected extends Error {
  override name = 'BeingDisconnected'
}

export const secretsContext = (shopId: number, vendor: string) => [String(shopId), vendor]

/** Parses what a form or command line gave. @throws SettingsError */
export function parseSettings(vendor: AnyVendor, given: Record<string, unknown>): Record<string, unknown> {
  const known = new Set(fieldsOf(vendor).map(field => field.name))
  const unknown = Object.keys(given).find(name => !known.has(name))
  if (unknown)
    throw new SettingsError(`${vendor.name} has no setting "${unknown}"; it has ${[...known].join(', ')}.`)
  const parsed = vendor.settings.safeParse(given)
  if (parsed.success) return parsed.data as Record<string, unknown>
  throw new SettingsError(
    `${vendor.name} cannot be set up like this: ${problemsOf(vendor, given).join('; ')}.`,
  )
}

/**
 * Creates the connection or replaces its settings. New settings clear what a refusal of the old ones left behind, end a
 * pause and the lane's rest, and release what was held unless the vendor is switched off.
 * @returns how many deliveries are held and will be released: the caller signals the lane, whose drain does it
 * @throws SettingsError, BeingDisconnected, or when there is no such shop
 */
export async function saveConnection(
  pool: Pool | PoolClient,
  sealer: Sealer,
  shopId: number,
  vendor: AnyVendor,
  given: Record<string, unknown>,
): Promise<number> {
  parseSettings(vendor, given)
  const secretNames = new Set(fieldsOf(vendor).flatMap(field => (field.secret ? [field.name] : [])))
  const [secret, open] = partition(given, name => secretNames.has(name))
  const sealed = sealer.seal(JSON.stringify(secret), secretsContext(shopId, vendor.id))
  const circuit = laneCircuit({ shopId, vendor: vendor.id })
  const before = await connectionRow(pool, shopId, vendor.id)
  const isSame = before !== null && isDeepStrictEqual(secretsOf(sealer, shopId, before), secret)
  const saved = await pool.query<{ held: number | null }>(SAVE, [
    shopId,
    vendor.id,
    toJsonb(open),
    sealed,
    HELD_REASONS.uninstalled,
    circuit,
    HELD_REASONS.disconnecting,
    isSame ? before.secrets : null,
  ])
  const [found] = saved.rows
  if (!found) throw new Error(`there is no shop ${shopId}`)
  if (found.held === null)
    throw new BeingDisconnected(
      `${vendor.name} is being disconnected from this shop; nothing was saved. Connect it again once that is done.`,
    )
  return found.held
}

/** What a merchant reads where `secretsOf` gives null. */
export const UNOPENED = 'The stored credentials cannot be opened. Enter them again.'

/** What was given for the secret ones; null where it cannot be opened: the key is gone, or it is none of ours. */
export function secretsOf(
  sealer: Sealer,
  shopId: number,
  row: Pick<ConnectionRow, 'vendor' | 'secrets'>,
): Record<string, unknown> | null {
  try {
    return openSecrets(sealer, shopId, row)
  } catch {
    return null
  }
}

function openSecrets(
  sealer: Sealer,
  shopId: number,
  { vendor, secrets }: Pick<ConnectionRow, 'vendor' | 'secrets'>,
): Record<string, unknown> {
  const sealed = JSON.parse(sealer.unseal(secrets, secretsContext(shopId, vendor)))
  return z.record(z.string(), z.unknown()).parse(sealed)
}

/** SQL: neither switched off nor waiting for a person nor held by support (`stopOf` in lane-state.ts says the same). */
export const IS_STARTED = 'enabled and attention is null and hold_reason is null'

/**
 * `held` null: it is being disconnected, and nothing was saved. One statement: on a connection that does not answer, a transaction would
 * be waited for at each of its own. $8: the sealed secrets that mean the same as these; who replaced them meanwhile has set others.
 */
const SAVE = `
  with saved as (
    insert into connections (shop_id, vendor, settings, secrets, secrets_set_at, attention)
    select id, $2, $3, $4, now(), case when uninstalled_at is not null then $5 end from shops where id = $1
    on conflict (shop_id, vendor) do update
      set settings = excluded.settings, secrets = excluded.secrets,
          secrets_set_at = case when connections.secrets = $8 then connections.secrets_set_at else now() end, attention = excluded.attention, paused_until = null,
          tested_at = null, test_ok = null, test_message = null, test_refused = null, released_at = now(), turn = connections.turn + 1,
          updated_at = now()
      where connections.attention is distinct from $7
    returning ${IS_STARTED} as sends),
  closed as (delete from circuits where key = $6 and exists (select from saved))
  select case when sends then
    (select count(*)::int from deliveries where shop_id = $1 and vendor = $2 and state = 'held')
    when not sends then 0 end as held
  from shops left join saved on true where id = $1`

export const connectionColumns =
  'vendor, settings, secrets, enabled, attention, hold_reason, paused_until, connections.updated_at'

/** A shop with its connections, as accepting needs it. */
export type ShopConnections = {
  id: number
  uninstalled: boolean
  /** Which of "storefront" and "pixel" have ever told of an event. */
  collectors: readonly string[]
  connections: ConnectionRow[]
}

/** The shops of these domains, as far as they are known, by domain; their connections in the order of vendors. */
export async function shopsByDomain(
  client: Pool | PoolClient,
  domains: readonly string[],
): Promise<Map<string, ShopConnections>> {
  type Row = Omit<ShopConnections, 'connections'> & { domain: string } & (ConnectionRow | { vendor: null })
  const result = await client.query<Row>(
    `select s.id, s.domain, s.uninstalled_at is not null as uninstalled, s.collectors, ${connectionColumns}
     from shops s left join connections on connections.shop_id = s.id where s.domain = any($1) order by vendor`,
    [domains],
  )
  const shops = new Map<string, ShopConnections>()
  for (const { id, domain, uninstalled, collectors, ...connection } of result.rows) {
    const shop = shops.get(domain) ?? { id, uninstalled, collectors, connections: [] }
    if (connection.vendor !== null) shop.connections.push(connection)
    shops.set(domain, shop)
  }
  return shops
}

/** The connections of these shops, by shop. @param lock keeps them as they are until the transaction ends */
export async function connectionsOf(
  client: Pool | PoolClient,
  shopIds: readonly number[],
  lock: 'for share' | '' = '',
): Promise<Map<number, ConnectionRow[]>> {
  if (shopIds.length === 0) return new Map()
  // In the order of their key, so that two groups never wait for each other.
  const result = await client.query<ConnectionRow & { shop_id: number }>(
    `select shop_id, ${connectionColumns} from connections where shop_id = any($1) order by shop_id, vendor ${lock}`,
    [shopIds],
  )
  return Map.groupBy(result.rows, row => row.shop_id)
}

/** One connection, or null when the shop has not connected the vendor. */
export async function connectionRow(
  client: Pool | PoolClient,
  shopId: number,
  vendor: string,
): Promise<ConnectionRow | null> {
  const result = await client.query<ConnectionRow>(
    `select ${connectionColumns} from connections where shop_id = $1 and vendor = $2`,
    [shopId, vendor],
  )
  return result.rows[0] ?? null
}

/** What was given for the settings, unsealed, as `saveConnection` took it. @throws UnknownKeyError, TamperedError */
export function givenSettings(sealer: Sealer, shopId: number, row: ConnectionRow): Record<string, unknown> {
  return { ...row.settings, ...openSecrets(sealer, shopId, row) }
}

/** From so many characters on half of a credential is looked for wherever it may stand. */
const LEAST_HALF = 12

/**
 * Settings as a form or a command line gave them, ready for use though they are not stored.
 * @throws SettingsError
 */
export function connectionFrom(
  vendor: AnyVendor,
  given: Record<string, unknown>,
): Omit<Connection, 'sealed'> {
  const settings = parseSettings(vendor, given)
  const hidden = fieldsOf(vendor).flatMap(({ secret, half, name }) => {
    const value = settings[name]
    // Of a half that is short the same may stand anywhere by chance: it is masked in its header alone.
    return typeof value === 'string' && (secret || (half && value.length >= LEAST_HALF)) ? [value] : []
  })
  return {
    vendor,
    settings,
    // As parsed: the schema trims what was pasted, and the trimmed value is what is sent.
    secrets: hidden,
  }
}

/** Opens a connection for use. @throws SettingsError when its settings no longer fit the vendor's schema */
export function openConnection(
  sealer: Sealer,
  shopId: number,
  row: ConnectionRow,
  vendors?: readonly AnyVendor[],
): Connection {
  const vendor = vendorById(row.vendor, vendors)
  return { ...connectionFrom(vendor, givenSettings(sealer, shopId, row)), sealed: row.secrets }
}

function partition(values: Record<string, unknown>, first: (name: string) => boolean) {
  const entries = Object.entries(values)
  return [
    Object.fromEntries(entries.filter(([name]) => first(name))),
    Object.fromEntries(entries.filter(([name]) => !first(name))),
  ] as const
}
