import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createAdminHttp } from '../../app/shopify/admin/http.ts'
import { listTroubles } from '../../app/shopify/admin/trouble.ts'
import { type AdminTest, adminTest, SHOP } from './support.ts'

let admin: AdminTest
beforeAll(async () => {
  admin = await adminTest()
})
afterAll(() => admin.close())
beforeEach(() => admin.reset())

const EXPIRED = { expires: new Date(Date.now() - 1000) }
const refreshes = () => admin.standIn.requests().filter(({ kind }) => kind === 'refresh').length
const trouble = async () => (await listTroubles(admin.test.database.pool)).map(({ kind }) => kind)

describe('a shop’s token', () => {
  it('is the stored one while it lasts', async () => {
    const { access_token: token } = await admin.install()
    expect(await admin.process().withToken(SHOP)).toEqual({ token })
    expect(admin.standIn.requests()).toEqual([])
  })

  it.each([
    ['has expired', new Date(Date.now() - 1000)],
    ['expires within a minute', new Date(Date.now() + 50_000)],
  ])('is refreshed when it %s, and the pair is replaced', async (_, expires) => {
    const old = await admin.install({ expires })
    const given = await admin.process().withToken(SHOP)
    const [access, refresh] = await admin.tokens()
    expect(given).toEqual({ token: access })
    expect(access).not.toBe(old.access_token)
    expect(refresh).not.toBe(old.refresh_token)
    expect(await admin.process().withToken(SHOP)).toEqual({ token: access })
    expect(refreshes()).toBe(1)
  })

  it('is refreshed once when processes need it at the same time, and no refresh token is sent twice', async () => {
    const processes = [admin.process(), admin.process(), admin.process()]
    for (let round = 0; round < 4; round++) {
      await admin.install(EXPIRED)
      const before = refreshes()
      // Slow enough that all of them find the expired token.
      admin.standIn.fail({ times: 1, only: 'refresh', delayMs: 150, done: true })
      const given = await Promise.all([...processes, ...processes].map(each => each.withToken(SHOP)))
      const [token] = await admin.tokens()
      expect(given).toEqual(Array.from({ length: 6 }, () => ({ token })))
      expect(refreshes() - before).toBe(1)
    }
    expect(admin.standIn.reused()).toBe(0)
  })

  it('is waited for no longer than the lock’s time, and then asked for again later', async () => {
    await admin.install(EXPIRED)
    const client = await admin.test.database.pool.connect()
    try {
      await client.query('begin')
      await client.query('select 1 from sessions for update')
      const given = await admin.process({ lockTimeoutMs: 50 }).withToken(SHOP)
      expect(given).toMatchObject({ failure: { kind: 'unreachable', retryInMs: 5000 } })
      expect(refreshes()).toBe(0)
    } finally {
      await client.query('rollback')
      client.release()
    }
  })

  it('that was refused is replaced, unless another process has done that', async () => {
    const { access_token: refused } = await admin.install()
    const given = await admin.process().withToken(SHOP, refused)
    const [token] = await admin.tokens()
    expect(given).toEqual({ token })
    expect(await admin.process().withToken(SHOP, refused)).toEqual({ token })
    expect(refreshes()).toBe(1)
  })

  it('is of no shop that has none, and that is seen', async () => {
    expect(await admin.process().withToken(SHOP)).toMatchObject({
      failure: { kind: 'no_session', retryInMs: null },
    })
    expect(await trouble()).toEqual(['no_session'])
    expect(admin.standIn.requests()).toEqual([])
  })

  it('is not used for a shop that has uninstalled', async () => {
    await admin.install()
    await admin.test.database.pool.query('update shops set uninstalled_at = now()')
    expect(await admin.process().withToken(SHOP)).toMatchObject({ failure: { kind: 'gone' } })
  })
})

describe('a refresh token', () => {
  it('that is dead is sent once; the shop must be opened, which is seen and ends it', async () => {
    await admin.install(EXPIRED)
    admin.standIn.revoke(SHOP)
    const one = admin.process()
    for (let n = 0; n < 3; n++)
      expect(await one.withToken(SHOP)).toMatchObject({ failure: { kind: 'reopen', retryInMs: null } })
    expect(refreshes()).toBe(1)
    expect(await trouble()).toEqual(['reopen'])
    const { access_token: token } = await admin.install()
    expect(await one.withToken(SHOP)).toEqual({ token })
    expect(await trouble()).toEqual([])
  })

  it('that has expired is not sent', async () => {
    await admin.install({ ...EXPIRED, refreshTokenExpires: new Date(Date.now() - 1000) })
    expect(await admin.process().withToken(SHOP)).toMatchObject({ failure: { kind: 'reopen' } })
    expect(refreshes()).toBe(0)
  })

  it.each([
    ['the network fails', { connection: 'reset' } as const, 'unreachable'],
    ['no answer comes', { connection: 'hang' } as const, 'unreachable'],
    ['Shopify fails', { status: 503, text: 'down' }, 'unreachable'],
    ['Shopify asks to slow down', { status: 429, headers: { 'retry-after': '7' } }, 'busy'],
    ['the answer is no token', { status: 200, text: '{"access_token":7}' }, 'unreadable'],
    ['the shop is frozen', { status: 402, text: '{}' }, 'frozen'],
    ['the answer only says no', { status: 401, text: '<html>' }, 'reopen'],
  ])('is kept when %s, and used later', async (_, fault, kind) => {
    await admin.install(EXPIRED)
    const one = admin.process({ http: createAdminHttp(admin.standIn.url, 300) })
    admin.standIn.fail({ times: 1, ...fault })
    expect(await one.withToken(SHOP)).toMatchObject({ failure: { kind } })
    const given = await one.withToken(SHOP)
    expect(given).toEqual({ token: (await admin.tokens())[0] })
    expect(await trouble()).toEqual([])
  })

  it('is not blamed for an app that Shopify does not know', async () => {
    await admin.install(EXPIRED)
    const wrong = admin.process({ apiSecret: 'shpss_another' })
    expect(await wrong.withToken(SHOP)).toMatchObject({ failure: { kind: 'app_refused', retryInMs: 60_000 } })
    expect(await admin.process().withToken(SHOP)).toEqual({ token: (await admin.tokens())[0] })
  })

  it('and what it gives stand in no log and no failure', async () => {
    const old = await admin.install(EXPIRED)
    const given = await admin.process().withToken(SHOP)
    admin.standIn.revoke(SHOP)
    const refused = await admin.process().withToken(SHOP, 'token' in given ? given.token : '')
    const [access] = await admin.tokens()
    const words = admin.logs.join('') + JSON.stringify(refused)
    expect(admin.logs.join('')).toContain('token refreshed')
    for (const secret of [
      old.access_token,
      old.refresh_token,
      access,
      'shpss_0123456789abcdef0123456789abcdef',
    ])
      expect(words).not.toContain(secret)
  })
})
