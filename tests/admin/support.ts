/** The stand-in of the Admin API, a database with one installed shop, and as many processes' view of it as a test needs. */
import { openPool } from '../../app/db/database.ts'
import { emptyTables, type TestDatabase, testDatabase } from '../../app/db/testing.ts'
import { createLog } from '../../app/log.ts'
import { createSealer } from '../../app/secrets/seal.ts'
import { type Admin, type AdminOptions, createAdmin } from '../../app/shopify/admin/client.ts'
import { createSessionStorage } from '../../app/shopify/admin/session-storage.ts'
import type {
  AdminCustomer,
  AdminStandIn,
  AdminStandInOptions,
  Grant,
} from '../../sandbox/store/admin/contract.ts'
import { startAdmin } from '../../sandbox/store/admin/server.ts'
import { offlineSession } from '../../sandbox/store/admin/session.ts'
import { logLines } from '../support/logs.ts'

export const SHOP = 'test-shop.myshopify.com'
export const KEYS = { apiKey: 'test-key', apiSecret: 'shpss_0123456789abcdef0123456789abcdef' }
export const sealer = createSealer([{ id: 'test', bytes: Buffer.alloc(32, 7) }])

export const MARA: AdminCustomer = {
  id: '7012345678901',
  email: 'mara@example.com',
  phone: '+420123456789',
  first: 'Mara',
  last: 'Quay',
  marketing: 'SUBSCRIBED',
  updatedAt: '2026-11-01T10:00:00Z',
}

export type AdminTest = {
  test: TestDatabase
  standIn: AdminStandIn
  logs: string[]
  shopId: number
  /** Another process: pool and all. */
  process(options?: Partial<AdminOptions> & { lockTimeoutMs?: number }): Admin
  /** Stores what an installation gives, as the embedded app will. */
  install(over?: Partial<{ expires: Date; refreshTokenExpires: Date }>): Promise<Grant>
  /** The tokens as stored. */
  tokens(): Promise<(string | undefined)[]>
  reset(): Promise<void>
  close(): Promise<void>
}

export async function adminTest(options: Partial<AdminStandInOptions> = {}): Promise<AdminTest> {
  const test = await testDatabase()
  const standIn = await startAdmin({
    ...KEYS,
    customer: (_, id) => (id === MARA.id ? MARA : null),
    ...options,
  })
  const output = logLines()
  const log = createLog('trace', output)
  const { pool } = test.database
  const storage = createSessionStorage(pool, sealer)
  const opened: (() => Promise<void>)[] = []
  const one: AdminTest = {
    test,
    standIn,
    logs: output.lines,
    shopId: 0,
    process({ lockTimeoutMs = 11_000, ...over } = {}) {
      const own = openPool(test.url, { max: 3, lockTimeoutMs, statementTimeoutMs: 15_000 })
      const admin = createAdmin({ pool: own, sealer, log, ...KEYS, baseUrl: standIn.url, ...over })
      opened.push(
        () => admin.close(),
        () => own.end(),
      )
      return admin
    },
    async install(over = {}) {
      const grant = standIn.grant(SHOP)
      await storage.storeSession(offlineSession(SHOP, grant, over))
      return grant
    },
    async tokens() {
      const session = await storage.loadSession(`offline_${SHOP}`)
      return [session?.accessToken, session?.refreshToken]
    },
    async reset() {
      standIn.reset()
      await emptyTables(pool)
      const made = await pool.query<{ id: number }>('insert into shops (domain) values ($1) returning id', [
        SHOP,
      ])
      one.shopId = made.rows[0]?.id ?? 0
    },
    async close() {
      for (const end of opened.reverse()) await end()
      await standIn.close()
      await test.drop()
    },
  }
  return one
}
