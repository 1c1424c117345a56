/** Every vendor's sample events, planned by the app and sent to the stand-in, which judges by the documentation alone. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { createSender, type Sender } from '../../app/delivery/send.ts'
import type { VendorSamples } from '../../app/vendors/conformance.ts'
import { VENDORS } from '../../app/vendors/registry.ts'
import { SHOP } from '../../app/vendors/testing.ts'
import type { Vendor } from '../../app/vendors/vendor.ts'
import { type Sandbox, startVendors } from '../../sandbox/vendors/server.ts'
import { SETTINGS } from '../support/app.ts'

let vendors: Sandbox
let sender: Sender
beforeAll(async () => {
  vendors = await startVendors({ limits: false })
  sender = createSender()
})
afterAll(async () => {
  await sender.close()
  await vendors.close()
})
beforeEach(() => vendors.reset())

it.each(VENDORS.map(vendor => [vendor.id, vendor as Vendor<unknown>] as const))(
  '%s takes what its samples are planned to',
  async (id, vendor) => {
    const { samples } = (await import(`../../app/vendors/${id}/samples.ts`)) as { samples: VendorSamples }
    const name = id as keyof typeof SETTINGS
    vendors.addContacts(
      name,
      samples.deliveries.flatMap(({ event }) => event.actor.email ?? []),
    )
    const settings = vendor.settings.parse(SETTINGS[name])
    const wanted = samples.deliveries.filter(({ event }) => vendor.wants(event, settings) === 'yes')
    // One by one: together they would be states of one order.
    const steps = wanted.flatMap(delivery => vendor.plan([delivery], settings, SHOP).steps)
    expect(steps.length).toBeGreaterThan(0)
    for (const step of steps) await sender.send(step.request, vendors.urls[name])
    const refused = vendors.inbox(name).filter(entry => !entry.accepted)
    expect(refused.map(({ method, path, status, answer }) => ({ method, path, status, answer }))).toEqual([])
  },
)
