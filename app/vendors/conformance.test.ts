/** Every vendor of the registry keeps the conformance suite. */
import { expect, it } from 'vitest'
import { samples as alana } from './alana/samples.ts'
import { describeConformance } from './conformance.ts'
import { samples as ecomail } from './ecomail/samples.ts'
import { VENDORS } from './registry.ts'
import { samples as topmail } from './topmail/samples.ts'
import { samples as voucherify } from './voucherify/samples.ts'

const SAMPLES = { alana, ecomail, topmail, voucherify }

it('has samples for every vendor of the registry', () => {
  expect(Object.keys(SAMPLES).toSorted()).toEqual(VENDORS.map(vendor => vendor.id).toSorted())
})

for (const vendor of VENDORS) {
  const samples = SAMPLES[vendor.id as keyof typeof SAMPLES]
  if (samples) describeConformance(vendor, samples)
}
