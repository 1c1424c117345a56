import { Session } from '@shopify/shopify-api'
import { expect, it } from 'vitest'
import { oneExchange } from './one-exchange.ts'
import type { SessionStorage } from './session-storage.ts'

const ID = 'offline_one.myshopify.com'
const session = (token: string, id = ID) =>
  new Session({ id, shop: 'one.myshopify.com', state: '', isOnline: false, accessToken: token })

function memory(): SessionStorage {
  const stored = new Map<string, Session>()
  return {
    async storeSession(given) {
      stored.set(given.id, given)
      return true
    },
    loadSession: async id => stored.get(id),
    deleteSession: async id => stored.delete(id) || true,
    deleteSessions: async () => true,
    findSessionsByShop: async () => [...stored.values()],
  }
}

it('lets one exchange, and gives the others what it stored', async () => {
  const sessions = oneExchange(memory(), 60_000)
  expect(await sessions.loadSession(ID)).toBeUndefined()
  const others = [sessions.loadSession(ID), sessions.loadSession(ID)]
  expect(await sessions.loadSession('offline_two.myshopify.com')).toBeUndefined()
  await sessions.storeSession(session('first'))
  expect((await Promise.all(others)).map(each => each?.accessToken)).toEqual(['first', 'first'])
  expect((await sessions.loadSession(ID))?.accessToken).toBe('first')
})

it('lets the next one try where the first stores nothing in time', async () => {
  const sessions = oneExchange(memory(), 1)
  expect(await sessions.loadSession(ID)).toBeUndefined()
  expect(await sessions.loadSession(ID)).toBeUndefined()
})

it('begins anew when what was stored has ended', async () => {
  const sessions = oneExchange(memory(), 60_000)
  expect(await sessions.loadSession(ID)).toBeUndefined()
  await sessions.storeSession(session('first'))
  await sessions.deleteSession(ID)
  expect(await sessions.loadSession(ID)).toBeUndefined()
})
