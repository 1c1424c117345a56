/** How figures of the page of all shops are written. */
import { useTranslation } from 'react-i18next'
import type { LaneHealth, LaneState, ShopSort } from '../../../runtime/support-shops.ts'
import { counted } from '../../counted.ts'

/** As JSON has it. */
export type ShownLane = Omit<LaneHealth, 'oldestWaiting' | 'oldestHeld'> & {
  oldestWaiting: string | null
  oldestHeld: string | null
}
export type ShownShop = {
  id: number
  domain: string
  name: string | null
  removed: boolean
  hasOrder: boolean
  lanes: ShownLane[]
}
export type VendorNames = readonly { id: string; name: string }[]

export const nameOf = (vendors: VendorNames, vendor: string) =>
  vendors.find(({ id }) => id === vendor)?.name ?? vendor

/** The list of shops, filtered. */
export const shopsAddress = (asked: { vendor?: string; state?: LaneState; sort?: ShopSort; text?: string }) =>
  `/support?${new URLSearchParams(asked)}`
export const shopAddress = (domain: string) => `/support/shops/${domain}`

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const

/** How a lane's figures are written. @param now ISO 8601, by the server: what it draws and the browser draws must be the same */
export function useFigures(now: string) {
  const { t, i18n } = useTranslation()
  const numbers = new Intl.NumberFormat(i18n.language)
  const relative = new Intl.RelativeTimeFormat(i18n.language)
  const ago = (iso: string) => {
    const ms = Math.max(0, Date.parse(now) - Date.parse(iso))
    const [unit, length] = UNITS.find(([, least]) => ms >= least) ?? UNITS[3]
    return relative.format(-Math.floor(ms / length), unit)
  }
  return {
    ago,
    of: ({ waiting, held, oldestWaiting, oldestHeld, delivered, failed }: ShownLane) => ({
      waiting: counted(waiting, numbers.format),
      held: counted(held, numbers.format),
      oldest: oldestWaiting === null ? t('support.shops.none') : ago(oldestWaiting),
      oldestHeld: oldestHeld === null ? t('support.shops.none') : ago(oldestHeld),
      delivered: numbers.format(delivered),
      failed: numbers.format(failed),
    }),
  }
}

/** In the order in which they are shown. */
export const FIGURES = ['waiting', 'oldest', 'held', 'oldestHeld', 'delivered', 'failed'] as const
