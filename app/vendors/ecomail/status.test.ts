import { describe, expect, it } from 'vitest'
import { statusOf } from './status.ts'

const of = (
  financialStatus: string | null,
  fulfillmentStatus: string | null,
  cancelledAt: string | null = null,
) => statusOf({ financialStatus, fulfillmentStatus, cancelledAt })

describe('status of a transaction', () => {
  it.each(['pending', 'authorized', 'partially_paid', 'expired'])(
    '%s is pending, fulfilled or not',
    status => {
      expect(of(status, null)).toBe('pending')
      expect(of(status, 'fulfilled')).toBe('pending')
    },
  )

  it.each(['paid', 'partially_refunded'])('%s is completed once fulfilled, and processing before', status => {
    expect(of(status, 'fulfilled')).toBe('completed')
    for (const fulfilment of [null, 'partial', 'restocked', 'unheard_of']) {
      expect(of(status, fulfilment)).toBe('processing')
    }
  })

  it.each(['refunded', 'voided'])('%s is canceled', status => {
    expect(of(status, 'fulfilled')).toBe('canceled')
  })

  it('a cancelled order is canceled whatever was paid', () => {
    for (const status of ['paid', 'pending', 'unheard_of', null]) {
      expect(of(status, 'fulfilled', '2026-11-20T12:00:00.000Z')).toBe('canceled')
    }
  })

  it.each([null, '', 'unheard_of', 'Completed'])('claims nothing of the financial status %j', status => {
    expect(of(status, 'fulfilled')).toBeNull()
  })
})
