/** Every vendor's sample events, planned by the app and sent to the stand-in, which judges by the documentation alone. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createSender, type Sender } from '../../app/delivery/send.ts'
import type { VendorSamples } from '../../app/vendors/conformance.ts'
import { VENDORS } from '../../app/vendors/registry.ts'
import { SHOP } from '../../app/vendors/testing.ts'
import type { Vendor } from '../../app/vendors/vendor.ts'
import { DEMO_CREDENTIALS, type Sandbox, startVendors } from '../../sandbox/vendors/server.ts'

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

/** A form's settings with the credentials that the stand-in accepts in place of the sample's. */
function settingsAtStandIn(name: keyof typeof DEMO_CREDENTIALS, input: Record<string, unknown>) {
  const demo = Object.entries(DEMO_CREDENTIALS[name]).filter(([field]) => field in input)
  return { ...input, ...Object.fromEntries(demo) }
}

describe.each(VENDORS.map(vendor => [vendor.id, vendor as Vendor<unknown>] as const))(
  '%s',
  async (id, vendor) => {
    const { samples } = (await import(`../../app/vendors/${id}/samples.ts`)) as { samples: VendorSamples }
    const name = id as keyof typeof DEMO_CREDENTIALS

    it.each(samples.settings)('takes what its samples are planned to with $name', async ({ input }) => {
      const settings = vendor.settings.parse(settingsAtStandIn(name, input))
      const wanted = samples.deliveries.filter(({ event }) => vendor.wants(event, settings) === 'yes')
      const refused: unknown[] = []
      for (const delivery of wanted) {
        // Each on its own: together they would be states of one order, and contacts that exist already.
        vendors.reset()
        vendors.addContacts(name, [delivery.event.actor.email ?? ''])
        for (const step of vendor.plan([delivery], settings, SHOP).steps)
          await sender.send(step.request, vendors.urls[name])
        // 404 and 409 speak of what the vendor has, of which a sample may assume anything; the rest of the request.
        const wrong = vendors
          .inbox(name)
          .filter(({ accepted, status }) => !accepted && status !== 404 && status !== 409)
        refused.push(...wrong)
      }
      expect(wanted.length).toBeGreaterThan(0)
      expect(refused).toEqual([])
    })
  },
)
