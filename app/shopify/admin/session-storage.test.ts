import { Session } from '@shopify/shopify-api'
import type { shopifyApp } from '@shopify/shopify-app-remix/server'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, expectTypeOf, it } from 'vitest'
import { emptyTables, type TestDatabase, testDatabase } from '../../db/testing.ts'
import { createSealer } from '../../secrets/seal.ts'
import { adminFailure } from './failure.ts'
import { forgetSessions } from './retention.ts'
import { createSessionStorage, type SessionStorage } from './session-storage.ts'
import { listTroubles, noteTrouble } from './trouble.ts'

const SHOP = 'one.myshopify.com'
const sealer = createSealer([{ id: 'test', bytes: Buffer.alloc(32, 7) }])
let test: TestDatabase
let storage: SessionStorage
const pool = () => test.database.pool

beforeAll(async () => {
  test = await testDatabase()
  storage = createSessionStorage(pool(), sealer)
})
afterAll(() => test.drop())
beforeEach(() => emptyTables(pool()))

const offline = (over = {}) =>
  new Session({
    id: `offline_${SHOP}`,
    shop: SHOP,
    state: '',
    isOnline: false,
    scope: 'read_customers,write_pixels',
    expires: new Date('2026-11-21T10:00:00Z'),
    accessToken: 'shpat_0123456789abcdef',
    refreshToken: 'shprt_fedcba9876543210',
    refreshTokenExpires: new Date('2027-02-19T10:00:00Z'),
    ...over,
  })
const online = () =>
  new Session({
    id: `${SHOP}_42`,
    shop: SHOP,
    state: 'nonce',
    isOnline: true,
    scope: 'read_customers',
    expires: new Date('2026-11-22T10:00:00Z'),
    accessToken: 'shpat_online',
    onlineAccessInfo: {
      expires_in: 86399,
      associated_user_scope: 'read_customers',
      associated_user: {
        id: 42,
        first_name: 'Mara',
        last_name: 'Quay',
        email: 'mara@example.com',
        email_verified: true,
        account_owner: true,
        locale: 'en',
        collaborator: false,
      },
    },
  })
async function text(): Promise<string> {
  const result = await pool().query<{ row: unknown }>('select to_jsonb(s) as row from sessions s')
  return JSON.stringify(result.rows)
}

describe('session storage', () => {
  it('is what Shopify’s package for Remix takes', () => {
    type Wanted = Parameters<typeof shopifyApp>[0]['sessionStorage']
    expectTypeOf<SessionStorage>().toExtend<Wanted>()
  })

  it.each([
    ['the shop’s', offline],
    ['a member of staff’s', online],
    ['one without a token yet', () => new Session({ id: 'x', shop: SHOP, state: 'nonce', isOnline: false })],
  ])('gives back %s session as it was', async (_, make) => {
    expect(await storage.storeSession(make())).toBe(true)
    const found = await storage.loadSession(make().id)
    expect(found).toBeInstanceOf(Session)
    expect(found?.toObject()).toEqual(make().toObject())
    expect(found?.equals(make())).toBe(true)
  })

  it('replaces a session of the same id, whole', async () => {
    await storage.storeSession(offline())
    const next = new Session({
      id: offline().id,
      shop: SHOP,
      state: '',
      isOnline: false,
      accessToken: 'shpat_next',
    })
    await storage.storeSession(next)
    expect((await storage.loadSession(next.id))?.toObject()).toEqual(next.toObject())
  })

  it('finds a shop’s sessions and no other’s, and deletes what is named', async () => {
    const other = offline({ id: 'offline_two.myshopify.com', shop: 'two.myshopify.com' })
    for (const session of [offline(), online(), other]) await storage.storeSession(session)
    const found = await storage.findSessionsByShop(SHOP)
    expect(found.map(({ id }) => id).sort()).toEqual([offline().id, online().id].sort())
    expect(await storage.deleteSession(online().id)).toBe(true)
    expect(await storage.deleteSessions([offline().id, 'nothing'])).toBe(true)
    expect(await storage.findSessionsByShop(SHOP)).toEqual([])
    expect(await storage.loadSession(offline().id)).toBeUndefined()
    expect(await storage.loadSession(other.id)).toBeDefined()
  })

  it('keeps nothing readable of a token or of staff', async () => {
    const secret = fc.string({ minLength: 8, maxLength: 80, unit: 'binary-ascii' })
    await fc.assert(
      fc.asyncProperty(secret, secret, async (accessToken, refreshToken) => {
        await emptyTables(pool())
        await storage.storeSession(offline({ accessToken, refreshToken }))
        const row = await text()
        for (const token of [accessToken, refreshToken])
          for (let at = 0; at + 8 <= token.length; at++)
            expect(row).not.toContain(JSON.stringify(token.slice(at, at + 8)).slice(1, -1))
        const found = await storage.loadSession(offline().id)
        expect([found?.accessToken, found?.refreshToken]).toEqual([accessToken, refreshToken])
      }),
      { numRuns: 40 },
    )
    await storage.storeSession(online())
    expect(await text()).not.toMatch(/mara|Quay|shpat_/i)
  })

  it('does not open a token that stands in another session’s row, or in the other column', async () => {
    await storage.storeSession(offline())
    await storage.storeSession(offline({ id: 'offline_two.myshopify.com', shop: 'two.myshopify.com' }))
    await pool().query(
      `update sessions t set access_token = s.access_token from sessions s where s.id = $1 and t.id <> $1`,
      [offline().id],
    )
    expect((await storage.loadSession('offline_two.myshopify.com'))?.accessToken).toBeUndefined()
    await pool().query('update sessions set access_token = refresh_token where id = $1', [offline().id])
    expect((await storage.loadSession(offline().id))?.accessToken).toBeUndefined()
  })

  it('ends the trouble of a shop that is opened', async () => {
    await pool().query('insert into shops (domain) values ($1)', [SHOP])
    await noteTrouble(pool(), SHOP, adminFailure('reopen', ''))
    expect(await listTroubles(pool())).toMatchObject([{ shop: SHOP, kind: 'reopen' }])
    await storage.storeSession(online())
    expect(await listTroubles(pool())).toHaveLength(1)
    await storage.storeSession(offline())
    expect(await listTroubles(pool())).toEqual([])
  })

  it('forgets old sessions of staff, and those of shops that have uninstalled', async () => {
    await pool().query(
      `insert into shops (domain, uninstalled_at) values ($1, null), ('two.myshopify.com', now() + interval '1 hour')`,
      [SHOP],
    )
    await storage.storeSession(offline())
    await storage.storeSession(offline({ id: 'offline_two.myshopify.com', shop: 'two.myshopify.com' }))
    await storage.storeSession(online())
    await pool().query(`update sessions set expires = now() - interval '25 hours'`)
    expect(await forgetSessions(pool())).toBe(2)
    expect((await storage.findSessionsByShop(SHOP)).map(({ id }) => id)).toEqual([offline().id])
  })
})
