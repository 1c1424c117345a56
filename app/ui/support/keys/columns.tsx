/** What each sealed column has under which key. */
import { Text } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import type { KeyUse } from '../../../runtime/support-keys.ts'
import { useNumber } from '../../accuracy/words.ts'
import { Part } from '../../part.tsx'

const CELL = { padding: '0.375rem 0.5rem 0.375rem 0', textAlign: 'start', overflowWrap: 'anywhere' } as const
const COUNT = { ...CELL, textAlign: 'end', paddingInlineEnd: 0, whiteSpace: 'nowrap' } as const

export function KeyColumns({ uses }: { uses: readonly KeyUse[] }) {
  const { t } = useTranslation()
  const number = useNumber()
  if (uses.length === 0)
    return (
      <Part title={t('support.keys.columns.title')}>
        <Text as="p">{t('support.keys.columns.nothing')}</Text>
      </Part>
    )
  return (
    <Part title={t('support.keys.columns.title')}>
      <Text as="p" tone="subdued">
        {t('support.keys.columns.help')}
      </Text>
      <table style={{ width: '100%', borderCollapse: 'collapse' }}>
        <thead>
          <tr>
            <th style={CELL} scope="col">
              {t('support.keys.columns.where')}
            </th>
            <th style={CELL} scope="col">
              {t('support.keys.columns.key')}
            </th>
            <th style={COUNT} scope="col">
              {t('support.keys.columns.count')}
            </th>
          </tr>
        </thead>
        <tbody>
          {uses.map(({ table, column, kind, key, count }) => (
            <tr key={`${table}.${column}.${key}`} style={{ borderTop: '1px solid var(--p-color-border)' }}>
              <td style={CELL}>
                <code>{`${table}.${column}`}</code>
                {kind === 'mark' && ` (${t('support.keys.columns.mark')})`}
              </td>
              <td style={CELL}>{key}</td>
              <td style={COUNT}>{number(count)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Part>
  )
}
