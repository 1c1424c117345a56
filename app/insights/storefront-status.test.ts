import { afterAll, beforeAll, expect, it } from 'vitest'
import { type TestDatabase, testDatabase } from '../db/testing.ts'
import { newShop } from '../delivery/testing.ts'
import { storefrontStatus } from './storefront-status.ts'

let test: TestDatabase

beforeAll(async () => {
  test = await testDatabase()
})
afterAll(() => test.drop())

it('a storefront was never heard, is heard, or was once', async () => {
  const { pool } = test.database
  const shopId = await newShop(pool, 'one')
  const never = { state: 'never', lastAt: null }
  expect(await storefrontStatus(pool, shopId)).toEqual({ embed: never, pixel: never })
  await pool.query(
    `update shops set storefront_heard_at = now() - interval '23 hours', pixel_heard_at = now() - interval '25 hours'`,
  )
  const status = await storefrontStatus(pool, shopId)
  expect([status.embed.state, status.pixel.state]).toEqual(['live', 'silent'])
  expect(status.embed.lastAt).toBeInstanceOf(Date)
  await expect(storefrontStatus(pool, 0)).rejects.toThrow('no shop')
})
