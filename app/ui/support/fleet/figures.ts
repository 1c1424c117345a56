/** What a vendor's deliveries come to over all shops. */
import { useTranslation } from 'react-i18next'
import type { ShownVendor } from '../../../runtime/support-fleet.ts'
import { useTime } from '../../times.ts'
import { useNumber } from '../number.ts'
import { shopsAddress } from '../shops/words.ts'

/** In the order in which they are shown. */
export const FIGURES = ['waiting', 'oldest', 'held', 'heldOtherwise', 'delivered', 'failed'] as const
type Figure = { name: string; value: string; url: string | null; told: string }

/** @returns a function that writes the figures. `url`: the list of the shops that it is of; null: of none, or of no one list. */
export function useFigures(): (vendor: ShownVendor) => Figure[] {
  const { t } = useTranslation()
  const time = useTime()
  const number = useNumber()
  return ({ vendor, waiting, held, heldBySupport, oldestWaiting, delivered, failed }) => {
    const of = {
      waiting: { count: waiting, url: shopsAddress({ vendor, sort: 'waiting' }) },
      held: { count: heldBySupport, url: shopsAddress({ vendor, state: 'held' }) },
      // Of lanes that stand in several ways: no one list is of these.
      heldOtherwise: { count: held - heldBySupport, url: null },
      delivered: { count: delivered, url: shopsAddress({ vendor }) },
      failed: { count: failed, url: shopsAddress({ vendor, sort: 'failed' }) },
    }
    const told = (name: string, value: string, url: string | null) => ({
      ...{ name, value, url, told: t('support.fleet.told', { name, value }) },
    })
    return FIGURES.map(each => {
      const name = t(`support.fleet.figure.${each}`)
      if (each === 'oldest')
        return oldestWaiting === null
          ? told(name, t('support.shops.none'), null)
          : told(name, time(oldestWaiting), shopsAddress({ vendor, sort: 'oldest' }))
      const { count, url } = of[each]
      return told(name, number(count), count === 0 ? null : url)
    })
  }
}
