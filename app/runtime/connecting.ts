/** Saving, testing and switching a shop's vendor: one way for the command line and for merchants' pages. */
import { isDeepStrictEqual } from 'node:util'
import type { Pool, PoolClient } from 'pg'
import { type PrismaClient, withTransaction } from '../db/database.ts'
import {
  type AnyVendor,
  connectionFrom,
  connectionRow,
  givenSettings,
  openConnection,
  parseSettings,
  SettingsError,
  saveConnection,
  secretsOf,
  UNOPENED,
} from '../delivery/connections.ts'
import type { Gate } from '../delivery/gate/gate.ts'
import type { Lane } from '../delivery/lane.ts'
import { acceptCredentials, type Released, setSwitch, settleLane } from '../delivery/lane-state.ts'
import { resumeLane } from '../delivery/resume.ts'
import type { Sender } from '../delivery/send.ts'
import {
  askForOffers,
  type OfferResult,
  recordTest,
  type Tested,
  testConnection,
} from '../delivery/test-connection.ts'
import { canTryNow, type Standing, standings, waitingForTheirTime } from '../insights/lanes.ts'
import { completed } from '../insights/settings-variants.ts'
import { type Sealer, TamperedError, UnknownKeyError } from '../secrets/seal.ts'
import type { Shop } from '../shopify/shops.ts'

export type Saving = { pool: Pool; sealer: Sealer; signal(lane: Lane): Promise<void> }
export type Connecting = Saving & {
  prisma: PrismaClient
  sender: Sender
  gate: Gate
  vendorBaseUrls: Readonly<Partial<Record<string, string>>>
}

/** What was given for a vendor's settings; null: the shop has not connected it. @throws UnknownKeyError, TamperedError */
export async function savedSettings(
  { pool, sealer }: Pick<Saving, 'pool' | 'sealer'>,
  lane: Lane,
): Promise<Record<string, unknown> | null> {
  const row = await connectionRow(pool, lane.shopId, lane.vendor)
  return row && givenSettings(sealer, lane.shopId, row)
}

/** The same, but for what cannot be opened any more: of that there is all that is no secret. */
export async function savedAsFarAsOpened(
  { pool, sealer }: Pick<Saving, 'pool' | 'sealer'>,
  lane: Lane,
): Promise<Record<string, unknown> | null> {
  const row = await connectionRow(pool, lane.shopId, lane.vendor)
  return row && { ...row.settings, ...secretsOf(sealer, lane.shopId, row) }
}

/** Writes down what was done, in its transaction: neither is there without the other. */
export type Note = (client: PoolClient) => Promise<void>

async function noted<T>(client: PoolClient, work: (client: PoolClient) => Promise<T>, note: Note) {
  const done = await work(client)
  if (done !== false) await note(client)
  return done
}

/**
 * Connects the vendor or replaces its settings, and wakes its lane.
 * @returns how many deliveries are held and go out now, but for those that are too old
 * @throws SettingsError
 */
export async function saveSettings(
  { pool, sealer, signal }: Saving,
  lane: Lane,
  vendor: AnyVendor,
  given: Record<string, unknown>,
  note?: Note,
): Promise<number> {
  const save = (client: Pool | PoolClient) => saveConnection(client, sealer, lane.shopId, vendor, given)
  const held = await (note ? withTransaction(pool, client => noted(client, save, note)) : save(pool))
  await signal(lane)
  return held
}

/** A test of what is saved. `before` and `after`: how the lane stood. */
export type StoredTest = {
  tested: Tested
  released: Released | null
  before: Standing
  after: Standing
  /** What waits for a next try of its own, after credentials that were accepted. */
  later: { count: number; first: Date | null }
}

/**
 * Tries what is saved and keeps the result. Credentials that are accepted start a lane that waited for them.
 * @returns null when the shop has not connected the vendor
 */
export async function testSaved(
  connecting: Connecting,
  shop: Shop,
  vendor: AnyVendor,
): Promise<StoredTest | null> {
  const { pool, prisma, sealer, signal } = connecting
  const lane = { shopId: shop.id, vendor: vendor.id }
  const standing = async () => (await standings(pool, sealer, lane.shopId, lane.vendor))[0]
  const before = await standing()
  const row = await connectionRow(pool, lane.shopId, lane.vendor)
  if (!before || !row) return null
  const tested = await send(connecting, lane, openConnection(sealer, lane.shopId, row), shop)
  if (tested.untried === undefined) await recordTest(prisma, lane, tested)
  if (!tested.ok) return { tested, released: null, before, after: before, later: { count: 0, first: null } }
  const released = await acceptCredentials(pool, lane)
  await signal(lane)
  const after = (await standing()) ?? before
  return { tested, released, before, after, later: await waitingForTheirTime(pool, lane) }
}

/** As `testSaved`; settings that an earlier version took and this one does not, and those that cannot be opened, are a test that failed. */
export async function tryStored(
  connecting: Connecting,
  shop: Shop,
  vendor: AnyVendor,
): Promise<Tested | null> {
  try {
    return (await testSaved(connecting, shop, vendor))?.tested ?? null
  } catch (error) {
    if (error instanceof SettingsError) return { ok: false, merchant: error.message, log: error.message }
    if (!(error instanceof UnknownKeyError || error instanceof TamperedError)) throw error
    return { ok: false, merchant: UNOPENED, log: error.message, refused: true }
  }
}

/**
 * Tries settings before they are saved; settings that mean the same as the saved ones are tried as those.
 * @throws SettingsError
 */
export async function testGiven(
  connecting: Connecting,
  shop: Shop,
  vendor: AnyVendor,
  given: Record<string, unknown>,
): Promise<Tested> {
  const lane = { shopId: shop.id, vendor: vendor.id }
  const row = await connectionRow(connecting.pool, lane.shopId, lane.vendor)
  const secrets = row && secretsOf(connecting.sealer, lane.shopId, row)
  const isSaved = secrets !== null && meansTheSame(vendor, { ...row?.settings, ...secrets }, given)
  const stored = isSaved ? await testSaved(connecting, shop, vendor) : null
  return stored ? stored.tested : send(connecting, lane, connectionFrom(vendor, given), shop)
}

/** @param given complete @throws SettingsError when they are not */
export function meansTheSame(
  vendor: AnyVendor,
  saved: Record<string, unknown>,
  given: Record<string, unknown>,
): boolean {
  return isDeepStrictEqual(parsedOrNull(vendor, saved), parseSettings(vendor, given))
}

/** Null: the schema has changed since, and refuses them. */
function parsedOrNull(vendor: AnyVendor, given: Record<string, unknown>): unknown {
  return vendor.settings.safeParse(given).data ?? null
}

/** Keeps what a test of settings said that were saved after it. @param at when it was tested */
export async function keepTest({ prisma }: Connecting, lane: Lane, tested: Tested, at?: Date): Promise<void> {
  await recordTest(prisma, lane, tested, at)
}

/**
 * What the account has to choose from for a setting, by settings that need not be complete.
 * @returns null when it cannot be asked by what is given
 */
export async function offersFor(
  { sender, gate, vendorBaseUrls }: Connecting,
  lane: Lane,
  vendor: AnyVendor,
  setting: string,
  given: Record<string, unknown>,
): Promise<OfferResult | null> {
  const whole = completed(vendor, given)
  if (whole === null) return null
  const tester = { sender, gate, baseUrl: vendorBaseUrls[lane.vendor] }
  return askForOffers(tester, lane, connectionFrom(vendor, whole), setting, given)
}

function send(
  { sender, gate, vendorBaseUrls }: Connecting,
  lane: Lane,
  connection: ReturnType<typeof connectionFrom>,
  shop: Shop,
): Promise<Tested> {
  const baseUrl = vendorBaseUrls[lane.vendor]
  return testConnection({ sender, gate, baseUrl }, lane, connection, shop)
}

/** `attention`: what keeps a lane from sending that was switched on. */
export type Switched = Released & { held: number; attention: string | null }

/** @returns null when the shop has not connected the vendor */
export async function switchVendor(
  { pool, signal }: Pick<Saving, 'pool' | 'signal'>,
  lane: Lane,
  on: boolean,
  note?: Note,
): Promise<Switched | null> {
  const set = (client: Pool | PoolClient) => setSwitch(client, lane, on)
  if (!(await (note ? withTransaction(pool, client => noted(client, set, note)) : set(pool)))) return null
  const counts = await settleLane(pool, lane)
  if (on) await signal(lane)
  const row = await connectionRow(pool, lane.shopId, lane.vendor)
  return { ...counts, attention: on ? (row?.attention ?? null) : null }
}

/**
 * Ends what the lane's own failures let it wait for, and tries at once: its rest, and the next tries of what failed.
 * @returns false when something else keeps it waiting; null when the shop has not connected the vendor
 */
export async function tryNow(
  { pool, sealer, signal }: Pick<Saving, 'pool' | 'sealer' | 'signal'>,
  lane: Lane,
): Promise<boolean | null> {
  const standing = (await standings(pool, sealer, lane.shopId, lane.vendor))[0]
  if (!standing) return null
  if (!canTryNow(standing)) return false
  if ((await resumeLane(pool, lane, null)) === null) return null
  await signal(lane)
  return true
}
