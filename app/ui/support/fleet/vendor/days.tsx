/** What became of one vendor's deliveries over all shops, day by day. */
import { Text } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import type { VendorPage } from '../../../../runtime/support-fleet.ts'
import { useFormats } from '../../../home/words.ts'
import { Part } from '../../../part.tsx'
import { Counted } from './as-of.tsx'

const CELL = { textAlign: 'end', padding: '0.25rem 0.5rem' } as const
const FIRST = { ...CELL, textAlign: 'start', paddingInlineStart: 0, whiteSpace: 'nowrap' } as const
const BAR = { width: '30%', padding: '0.25rem 0.5rem' } as const

/** The newest first. */
export function FleetDays({ days, until }: Pick<VendorPage, 'days'> & { until: string | null }) {
  const { t } = useTranslation()
  const { number, percent, day: dayText } = useFormats()
  const isEmpty = days.every(({ delivered, failed }) => delivered + failed === 0)
  const most = Math.max(1, ...days.map(({ delivered, failed }) => delivered + failed))
  return (
    <Part title={t('support.vendor.days.title')}>
      <Counted until={until} />
      <Text as="p" tone="subdued">
        {t('support.vendor.days.help')}
      </Text>
      {isEmpty ? (
        <Text as="p">{t('support.vendor.days.none')}</Text>
      ) : (
        <table
          aria-label={t('support.vendor.days.title')}
          style={{ width: '100%', borderCollapse: 'collapse', fontVariantNumeric: 'tabular-nums' }}
        >
          <thead>
            <tr>
              <th scope="col" style={FIRST}>
                {t('support.vendor.days.day')}
              </th>
              {(['delivered', 'failed', 'share'] as const).map(name => (
                <th key={name} scope="col" style={CELL}>
                  {t(`support.vendor.days.${name}`)}
                </th>
              ))}
              <td style={BAR} />
            </tr>
          </thead>
          <tbody>
            {days.toReversed().map(({ day, delivered, failed }) => (
              <tr key={day}>
                <th scope="row" style={{ ...FIRST, fontWeight: 'normal' }}>
                  {dayText(day)}
                </th>
                <td style={CELL}>{number(delivered)}</td>
                <td style={CELL}>{number(failed)}</td>
                <td style={CELL}>
                  {delivered + failed === 0 ? '–' : percent(failed / (delivered + failed))}
                </td>
                <td style={BAR}>
                  <div aria-hidden="true" style={{ display: 'flex', height: '0.75rem' }}>
                    <Bar part={delivered / most} colour="var(--p-color-bg-fill-success)" />
                    <Bar part={failed / most} colour="var(--p-color-bg-fill-critical)" />
                  </div>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Part>
  )
}

/** What is little is still to be seen. */
function Bar({ part, colour }: { part: number; colour: string }) {
  if (part === 0) return null
  return <span style={{ width: `${part * 100}%`, minWidth: 2, background: colour }} />
}
