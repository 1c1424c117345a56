import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type TestDatabase, testDatabase } from '../db/testing.ts'
import { newShop } from '../delivery/testing.ts'
import { createLog } from '../log.ts'
import { createHeard } from './heard.ts'

const log = createLog('silent')
function heardAt() {
  const clock = { now: 1_000_000 }
  const query = vi.fn().mockResolvedValue({})
  return { clock, query, heard: createHeard({ query }, log, () => clock.now) }
}

describe('that a storefront was heard', () => {
  it('is written once a minute for each shop and source', () => {
    const { clock, query, heard } = heardAt()
    for (let second = 0; second < 120; second++) {
      clock.now += 1000
      heard('a.myshopify.com', 'storefront')
    }
    expect(query).toHaveBeenCalledTimes(2)
    heard('a.myshopify.com', 'pixel')
    heard('b.myshopify.com', 'storefront')
    expect(query).toHaveBeenCalledTimes(4)
    expect(String(query.mock.calls[2]?.[0])).toContain('pixel_heard_at')
  })

  it('is tried again at once when it could not be written, and troubles nobody', async () => {
    const { query, heard } = heardAt()
    query.mockRejectedValueOnce(new Error('away'))
    heard('a.myshopify.com', 'storefront')
    await vi.waitFor(() => {
      heard('a.myshopify.com', 'storefront')
      expect(query).toHaveBeenCalledTimes(2)
    })
  })
})

describe('in the database', () => {
  let test: TestDatabase
  const pool = () => test.database.pool
  beforeAll(async () => {
    test = await testDatabase()
    await newShop(pool(), 'one')
  })
  afterAll(() => test.drop())

  it.each(['storefront', 'pixel'] as const)(
    'the shop is not written again by another process within the minute: %s',
    async source => {
      const column = `${source}_heard_at`
      const version = async () =>
        (
          await pool().query<{ xmin: string; at: Date | null }>(
            `select xmin::text, ${column} as at from shops`,
          )
        ).rows[0]
      const hear = async () => {
        const query = vi.fn((text: string, values: unknown[]) => pool().query(text, values))
        createHeard({ query } as never, log)('one.myshopify.com', source)
        await query.mock.results[0]?.value
      }
      await hear()
      const first = await version()
      expect(first?.at).not.toBeNull()
      await hear()
      expect(await version()).toEqual(first)
      await pool().query(`update shops set ${column} = now() - interval '61 seconds'`)
      await hear()
      expect((await version())?.at?.getTime()).toBeGreaterThanOrEqual(first?.at?.getTime() ?? 0)
    },
  )
})
