/** Through the gate no stand-in vendor ever has to say "slow down"; both go by one clock, moved by the test. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type TestDatabase, testDatabase } from '../../app/db/testing.ts'
import { vendorById } from '../../app/delivery/connections.ts'
import { type Asking, createGate, type Gate, type Pass } from '../../app/delivery/gate/gate.ts'
import { createLog } from '../../app/log.ts'
import { announcedTime } from '../../app/vendors/answers.ts'
import { SHOP } from '../../app/vendors/testing.ts'
import type { Json, Vendor, VendorAnswer } from '../../app/vendors/vendor.ts'
import { DEMO_CREDENTIALS, type Sandbox, startVendors } from '../../sandbox/vendors/server.ts'

const START = Date.parse('2026-11-20T12:00:00.000Z')
let now = START
let test: TestDatabase
let sandbox: Sandbox
let gates: [Gate, Gate]

beforeAll(async () => {
  test = await testDatabase()
  // Topmail's number is not published: here it is far below what we keep to.
  const limits = { topmail: { requests: 20, windowMs: 60_000 } }
  sandbox = await startVendors({ now: () => now, limits })
})
beforeEach(async () => {
  now = START
  sandbox.reset()
  await test.database.pool.query('truncate allowances, circuits')
  const options = { pool: test.database.pool, log: createLog('silent'), address: 'one', now: () => now }
  gates = [createGate(options), createGate(options)]
})
afterAll(async () => {
  await sandbox.close()
  await test.drop()
})

type Case = { id: 'topmail' | 'alana' | 'voucherify'; settings: Record<string, unknown>; secret: string }
const { topmail, alana, voucherify } = DEMO_CREDENTIALS
const CASES: (Case & { name: string; least: number })[] = [
  {
    name: 'Topmail, whose number is announced only',
    id: 'topmail',
    settings: { apiKey: topmail.apiKey },
    secret: topmail.apiKey,
    least: 60,
  },
  {
    name: 'Alana, by key and address',
    id: 'alana',
    settings: { apiKey: alana.apiKey },
    secret: alana.apiKey,
    least: 300,
  },
  {
    name: 'Voucherify with application keys',
    id: 'voucherify',
    settings: { mode: 'server', appId: voucherify.appId, appToken: voucherify.appToken },
    secret: voucherify.appToken,
    least: 300,
  },
  {
    name: 'Voucherify with client-side keys',
    id: 'voucherify',
    settings: {
      mode: 'client',
      applicationId: voucherify.applicationId,
      clientToken: voucherify.clientToken,
      origin: voucherify.origin,
    },
    secret: voucherify.clientToken,
    least: 150,
  },
]

/** The vendor's harmless request, as the sender would make it. */
async function send(vendor: Vendor<unknown>, settings: unknown): Promise<VendorAnswer> {
  const { request } = vendor.test(settings, SHOP)
  const { pathname, search } = new URL(request.url)
  const base = sandbox.urls[vendor.id as Case['id']]
  const response = await fetch(`${base}${pathname}${search}`, { headers: request.headers })
  const text = await response.text()
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: JSON.parse(text) as Json,
    text,
    receivedAt: new Date(now),
  }
}

/** Uses a pass as a drain would, each request taking a tenth of a second. */
async function use(pass: Pass, vendor: Vendor<unknown>, settings: unknown): Promise<void> {
  while (pass.take()) {
    const answer = await send(vendor, settings)
    now += 100
    const notBefore = announcedTime(answer)
    pass.answered({
      answer,
      failed: false,
      wholeLane: answer.status === 429,
      durationMs: 100,
      ...(notBefore && { notBefore }),
    })
  }
  await pass.close()
}

describe.each(CASES)('$name', ({ id, settings: given, secret, least }) => {
  it('is never sent too much, and nearly as much as it takes, by three shops on two nodes', async () => {
    const vendor = vendorById(id)
    const settings = vendor.settings.parse(given)
    const asking: Asking = { vendor, settings, secrets: [secret] }
    const told = [1, 2, 3].map(shopId => ({ shopId, at: START }))
    while (now < START + 200_000) {
      const next = told.reduce((first, each) => (each.at < first.at ? each : first))
      now = Math.max(now, next.at)
      const gate = gates[next.shopId % 2 === 0 ? 0 : 1]
      const asked = await gate.ask({ shopId: next.shopId, vendor: id }, asking, 30)
      if (asked.kind === 'go') await use(asked, vendor, settings)
      next.at = asked.kind === 'go' ? now : asked.until.getTime()
    }
    const { received, refused } = sandbox.counts(id)
    expect(refused).toBe(0)
    expect(received).toBeGreaterThanOrEqual(least)
  })
})
