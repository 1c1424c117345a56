/** What an alert says to a merchant: what is wrong, and what to do. No personal data, no secrets. */

import { storable } from '../../db/jsonb.ts'
import { GIVE_UP_AFTER_MS } from '../../delivery/backoff.ts'
import type { Stop } from '../../delivery/lane-state.ts'
import type { HeldReason } from '../../delivery/outcome.ts'
import { scrub } from '../../privacy/mask.ts'
import { VENDORS } from '../../vendors/registry.ts'
import type { AlertKind } from './thresholds.ts'

const MAX_REASON = 300
const HOURS = GIVE_UP_AFTER_MS / 3600_000

/** The vendor's name as people know it; its id when it is none of ours any more. */
export function vendorName(id: string): string {
  return VENDORS.find(vendor => vendor.id === id)?.name ?? oneLine(id)
}

export const isVendor = (id: string) => VENDORS.some(vendor => vendor.id === id)

/** A lane that is stopped: what it is, and what to do. Of what is known only `refused` says something of its own. */
const STOPPED: Readonly<Record<HeldReason, (name: string, said: string) => string>> = {
  on_hold: (name, said) =>
    `Nothing is sent to ${name}, because support holds it for this shop: ${oneLine(said)} What waits goes out when it is released.`,
  off: name =>
    `Nothing is sent to ${name}, because it is switched off for this shop. Switch it on; what waits goes out then.`,
  refused: (name, said) =>
    `Nothing is sent to ${name}: ${oneLine(said)} Correct the settings of this vendor and test them; what waits goes out then.`,
  uninstalled: name =>
    `Nothing is sent to ${name}, because the app was removed from this shop meanwhile. Test the connection once the app is installed; what waits goes out then.`,
  disconnecting: name => `Nothing is sent to ${name}, because it is being disconnected from this shop.`,
  vendor_missing: name =>
    `Nothing is sent to ${name}, because the version of Sluice that runs does not have this vendor. The settings are not at fault: run a version that has it; what waits goes out then by itself.`,
}

/**
 * @param stop why the lane is stopped, for the kind `attention`
 * @returns one line: sentences, without the shop and the time, which stand beside it
 */
export function messageOf(kind: AlertKind, level: number, vendor: string, stop: Stop | null): string {
  const name = vendorName(vendor)
  switch (kind) {
    case 'attention':
      return STOPPED[stop?.reason ?? 'refused'](name, stop?.message ?? 'it waits for a person.')
    case 'waiting':
      return `Events for ${name} wait longer than they should. Look at what ${name} answers in the list of deliveries; what waits goes out by itself once it is taken.`
    case 'giving_up':
      return level < 100
        ? `Events for ${name} have failed for ${level} % of the ${HOURS} hours after which they are given up. Look at what ${name} answers in the list of deliveries, and ask its support if the fault is there.`
        : `Events for ${name} failed for ${HOURS} hours and were given up. Once ${name} takes events again, replay those that are dead.`
  }
}

/** A text from outside as one line of bounded length, masked: it may stand in a message's header or on a terminal. @param most characters */
export function oneLine(text: string, most = MAX_REASON): string {
  const line = scrub(storable(text))
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim()
  return line.length > most ? `${line.slice(0, most).toWellFormed()}…` : line
}
