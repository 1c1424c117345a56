import { describe, expect, it, vi } from 'vitest'
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
