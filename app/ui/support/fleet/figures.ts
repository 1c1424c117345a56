/** What a vendor's deliveries come to over all shops. */
import { useTranslation } from 'react-i18next'
import type { ShownVendor } from '../../../runtime/support-fleet.ts'
import { useTime } from '../../times.ts'
import { STATES } from '../lane-state.tsx'
import { useNumber } from '../number.ts'
import { shopsAddress } from '../shops/words.ts'

/** In the order in which they are shown. */
export const FIGURES = [
  'waiting',
  'oldest',
  'held',
  'heldOtherwise',
  'oldestHeld',
  'delivered',
  'failed',
] as const
type Figure = { name: string; value: string; url: string | null; told: string }
/** `parts`: the lists that it is of, where no one list is. */
export type Figures = Figure & { parts: Figure[] }

/** @returns a function that writes the figures. `url`: the list of the shops that it is of; null: of none, or of no one list. */
export function useFigures(): (vendor: ShownVendor) => Figures[] {
  const { t } = useTranslation()
  const time = useTime()
  const number = useNumber()
  return ({ vendor, waiting, held, heldBySupport, heldIn, delivered, failed, ...oldest }) => {
    const of = {
      waiting: { count: waiting, url: shopsAddress({ vendor, sort: 'waiting' }) },
      held: { count: heldBySupport, url: shopsAddress({ vendor, state: 'held' }) },
      // Of lanes that stand in several ways: each has its list.
      heldOtherwise: { count: held - heldBySupport, url: null },
      delivered: { count: delivered, url: shopsAddress({ vendor }) },
      failed: { count: failed, url: shopsAddress({ vendor, sort: 'failed' }) },
    }
    const told = (name: string, value: string, url: string | null) => ({
      ...{ name, value, url, told: t('support.fleet.told', { name, value }) },
    })
    const otherwise = STATES.filter(state => state !== 'held' && heldIn[state] > 0).map(state => {
      const [name, value] = [t(`support.state.${state}`), number(heldIn[state])]
      const said = t('support.fleet.heldIn', { state: name, value })
      return { name, value, url: shopsAddress({ vendor, state, sort: 'held' }), told: said }
    })
    return FIGURES.map(each => ({ ...figure(each), parts: each === 'heldOtherwise' ? otherwise : [] }))

    function figure(each: (typeof FIGURES)[number]): Figure {
      const name = t(`support.fleet.figure.${each}`)
      if (each === 'oldest' || each === 'oldestHeld') {
        const at = each === 'oldest' ? oldest.oldestWaiting : oldest.oldestHeld
        return at === null
          ? told(name, t('support.shops.none'), null)
          : told(name, time(at), shopsAddress({ vendor, sort: each }))
      }
      const { count, url } = of[each]
      return told(name, number(count), count === 0 ? null : url)
    }
  }
}
