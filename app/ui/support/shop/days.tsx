import { Link, Text } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import type { SupportVendor } from '../../../runtime/support-shop.ts'
import { useFormats } from '../../home/words.ts'
import { useTime } from '../../times.ts'
import { Fold } from './fold.tsx'

/** `at`: the shop's page. */
type Props = Pick<SupportVendor, 'id' | 'name' | 'days'> & {
  at: string
  countedUntil: string | null
  zone: string | null
}
const MEASURES = ['delivered', 'skipped', 'failed'] as const
const CELL = { textAlign: 'end', padding: '0.25rem 0.5rem' } as const
const FIRST = { ...CELL, textAlign: 'start', fontWeight: 'normal' } as const

/** What became of a vendor's deliveries, by days of the shop, the newest first. @param zone of these; null: UTC */
export function Days({ at, id, name, days, countedUntil, zone }: Props) {
  const { t } = useTranslation()
  const time = useTime()
  const { number, day: dayText } = useFormats()
  return (
    <Fold label={t('support.shop.days.title')}>
      <Text as="p" variant="bodySm" tone="subdued">
        {countedUntil
          ? t('support.shop.days.asOf', { time: time(countedUntil) })
          : t('support.shop.days.soon')}
      </Text>
      <table style={{ borderCollapse: 'collapse' }} aria-label={`${t('support.shop.days.title')}: ${name}`}>
        <thead>
          <tr>
            <th scope="col" style={FIRST}>
              {t('support.shop.days.day', { zone: zone ?? 'UTC' })}
            </th>
            {MEASURES.map(measure => (
              <th key={measure} scope="col" style={CELL}>
                {t(`activity.outcome.${measure}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {days.toReversed().map(({ day, ...counts }) => (
            <tr key={day}>
              <th scope="row" style={FIRST}>
                {dayText(day)}
              </th>
              {MEASURES.map(measure => (
                <td key={measure} style={CELL}>
                  {counts[measure] === 0 ? (
                    number(0)
                  ) : (
                    <Link
                      url={`${at}/activity?${new URLSearchParams({ vendor: id, outcome: measure, since: day, until: day })}`}
                      accessibilityLabel={t('support.shop.days.listOf', {
                        ...{ name, number: number(counts[measure]), day: dayText(day) },
                        kind: t(`activity.outcome.${measure}`),
                      })}
                    >
                      {number(counts[measure])}
                    </Link>
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Fold>
  )
}
