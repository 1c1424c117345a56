import { describe, expect, it } from 'vitest'
import { carries, killableServers } from '../support/servers.ts'

const servers = killableServers()
const { start, sendOrder, arrived } = servers

describe('kill -9 loses nothing that was acknowledged', () => {
  it('when it strikes after the 200 and before any delivery', async () => {
    const web = await start({ SLUICE_ROLE: 'web' })
    expect((await sendOrder(web, 6001)).status).toBe(200)
    await web.end('SIGKILL')
    expect(servers.vendors.counts('ecomail').received).toBe(0)
    const again = await start()
    await arrived(6001, 40_000)
    expect(await again.end('SIGTERM')).toBe(0)
  }, 60_000)

  it('when it strikes while the vendor has the request and has not answered', async () => {
    const first = await start()
    servers.vendors.fail('ecomail', { hang: true, times: 1, record: 'after' })
    expect((await sendOrder(first, 6002)).status).toBe(200)
    await servers.vendors.waitFor('ecomail', carries(6002), { timeoutMs: 10_000 })
    await first.end('SIGKILL')
    const second = await start()
    await arrived(6002, 40_000)
    expect(await second.end('SIGTERM')).toBe(0)
  }, 60_000)
})

describe('the server process', () => {
  it('stops cleanly on SIGINT', async () => {
    const server = await start()
    expect(await server.end('SIGINT')).toBe(0)
  })

  it.each([
    ['SHOPIFY_API_SECRET', '', 'SHOPIFY_API_SECRET is not set'],
    ['PORT', 'eighty', 'PORT must be a whole number'],
    ['SLUICE_SECRETS_KEYS', 'k1:short', 'SLUICE_SECRETS_KEYS'],
    ['DATABASE_URL', 'mysql://localhost', 'DATABASE_URL must begin with postgresql://'],
  ])('with a wrong %s stops with one sentence', async (name, value, sentence) => {
    const output = await start({ [name]: value }).then(
      () => '',
      (error: Error) => error.message,
    )
    const lines = output
      .split('\n')
      .filter(line => line !== '')
      .slice(1)
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain(sentence)
  })

  it('says so when its port is taken', async () => {
    const port = new URL(servers.vendors.urls.ecomail).port
    await expect(start({ PORT: port })).rejects.toThrow(`port ${port} is in use; set PORT to another one`)
  })
})
