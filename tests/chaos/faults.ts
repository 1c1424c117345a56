/** How the stand-in vendors fail: now and then in every way at once, or wholly for a while. */
import { VENDORS, type VendorName } from '../../sandbox/vendors/contract.ts'
import type { FaultInput } from '../../sandbox/vendors/faults.ts'
import type { Sandbox } from '../../sandbox/vendors/server.ts'

/** As long as nobody heals it. */
const ALWAYS = Number.MAX_SAFE_INTEGER

/** Five of a hundred requests. With `record: 'before'` the vendor takes the event, and its answer is lost. */
const SHORT: readonly FaultInput[] = [
  { status: 500, rate: 0.01 },
  { status: 503, rate: 0.01 },
  { reset: true, rate: 0.005 },
  { reset: true, record: 'before', rate: 0.005 },
  { delayMs: 300, record: 'before', rate: 0.01 },
  { delayMs: 1500, record: 'before', rate: 0.01 },
]
/** Each blocks its lane for as long as the app waits for an answer. */
const HANGING: readonly FaultInput[] = [
  { hang: true, rate: 0.0005 },
  { hang: true, record: 'before', rate: 0.0005 },
]

const DEAD = {
  refuses: { status: 503 },
  resets: { reset: true },
  hangs: { hang: true },
} satisfies Record<string, FaultInput>

/** @param vendor only this one; all by default */
export function everydayFaults(sandbox: Sandbox, long: boolean, vendor?: VendorName): void {
  for (const name of vendor ? [vendor] : VENDORS) {
    for (const fault of long ? [...SHORT, ...HANGING] : SHORT) sandbox.fail(name, { ...fault, times: ALWAYS })
  }
}

/** Every request fails from now on, in one way. */
export function failUntilHealed(sandbox: Sandbox, vendor: VendorName, how: keyof typeof DEAD): void {
  sandbox.heal(vendor)
  sandbox.fail(vendor, { ...DEAD[how], times: ALWAYS })
}
