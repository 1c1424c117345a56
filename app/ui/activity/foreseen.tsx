import { Banner } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import type { ReplayCount } from '../../runtime/merchant-activity.ts'
import { useWord } from './words.ts'

/**
 * Says before anything is sent what would be skipped, and why. Of many only the newest were planned, which is said.
 * @param more there may be more than was counted
 */
export function Foreseen({ counts, more }: { counts: readonly ReplayCount[]; more: boolean }) {
  const { t, i18n } = useTranslation()
  const word = useWord()
  const number = new Intl.NumberFormat(i18n.language).format
  const list = new Intl.ListFormat(i18n.language, { type: 'unit' })
  const told = counts.filter(({ foreseen }) => foreseen.reasons.length > 0)
  if (told.length === 0) return null
  return (
    <Banner tone="warning">
      {told.map(({ vendor, count: all, foreseen: { looked, reasons } }) => {
        const count = reasons.reduce((sum, each) => sum + each.count, 0)
        const why = reasons.map(
          each => `${word('reason', each.reason) ?? each.reason} (${number(each.count)})`,
        )
        const said = {
          vendor,
          count,
          number: number(count),
          looked: number(looked),
          reasons: list.format(why),
        }
        return (
          <p key={vendor}>{t(`activity.replay.${more || looked < all ? 'skipsSome' : 'skips'}`, said)}</p>
        )
      })}
      <p>{t('activity.replay.skipsHelp')}</p>
    </Banner>
  )
}
