/** The vendors that Sluice delivers to. Adding one is a folder beside this file and a line here. */
import { alana } from './alana/index.ts'
import { ecomail } from './ecomail/index.ts'
import { topmail } from './topmail/index.ts'
import type { Vendor } from './vendor.ts'
import { voucherify } from './voucherify/index.ts'

/** Settings differ by vendor; the runtime always parses them by the vendor's own schema before use. */
// biome-ignore lint/suspicious/noExplicitAny: the settings type is known only inside each vendor's folder
export const VENDORS: readonly Vendor<any>[] = [ecomail, topmail, alana, voucherify]

/** What merchants know a tool by; of one that is gone, its id. */
export const nameOf = (vendor: string): string => VENDORS.find(({ id }) => id === vendor)?.name ?? vendor
