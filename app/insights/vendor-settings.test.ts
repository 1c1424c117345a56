import { describe, expect, it } from 'vitest'
import { connectionFrom, vendorById } from '../delivery/connections.ts'
import { shownRequest } from '../delivery/record-rows.ts'
import { SHOP } from '../vendors/testing.ts'
import { shownSettings } from './vendor-settings.ts'

const voucherify = vendorById('voucherify')
const ID = 'a1d0c0de-0000-4000-8000-00000000b10e'
const TOKEN = 'f00dc0de-0000-4000-8000-00000000aaaa'
const PAIRS = {
  server: { mode: 'server', appId: ID, appToken: TOKEN },
  client: { mode: 'client', applicationId: ID, clientToken: TOKEN, origin: 'shop.example' },
} as const

describe.each(Object.entries(PAIRS))('the Application ID of %s keys is half of the pair: it', (_, given) => {
  it('stands in full in nothing that support reads of the settings', () => {
    const shown = shownSettings(voucherify, given)
    expect(Object.values(shown)).toEqual(expect.arrayContaining(['…b10e', '…aaaa']))
    expect(JSON.stringify(shown)).not.toContain(ID)
    // As the audit has it already.
    expect(shownSettings(voucherify, shown)).toEqual(shown)
  })

  it('stands in full in nothing that is kept of a request', () => {
    const { settings, secrets } = connectionFrom(voucherify, given)
    const { request } = voucherify.test(settings, SHOP)
    const echoing = { ...request, url: `${request.url}&id=${ID}`, body: { said: `unknown ${ID}` } }
    const kept = JSON.stringify(shownRequest({ name: 'test', deliveries: [], request: echoing }, secrets))
    expect(kept).not.toContain(ID)
    expect(kept).toContain('…b10e')
  })
})
