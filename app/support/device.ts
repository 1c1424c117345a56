/**
 * Browsers that have signed in before are known by a sealed cookie, so that strangers who guess passwords lock themselves out and
 * not those who work here (https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies).
 */
import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { Sealer } from '../secrets/seal.ts'

/** `emails` of the accounts that this browser has signed in as. */
export type Device = { id: string; emails: readonly string[] }

const CONTEXT = ['support', 'device']
/** More people than share a browser. */
const MOST_ACCOUNTS = 5
const deviceSchema = z.object({ id: z.uuid(), emails: z.array(z.string()).max(MOST_ACCOUNTS) })

/** @param sealed the cookie as it came @returns null where it is not one of ours */
export function readDevice(sealer: Sealer, sealed: string | null): Device | null {
  if (sealed === null) return null
  try {
    return deviceSchema.parse(JSON.parse(sealer.unseal(sealed, CONTEXT)))
  } catch {
    return null
  }
}

/** The browser's cookie from now on, when it has signed in. */
export function knownDevice(sealer: Sealer, before: Device | null, email: string): string {
  const others = (before?.emails ?? []).filter(other => other !== email)
  const device: Device = {
    id: before?.id ?? randomUUID(),
    emails: [email, ...others].slice(0, MOST_ACCOUNTS),
  }
  return sealer.seal(JSON.stringify(device), CONTEXT)
}
