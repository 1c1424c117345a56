/** What could not be opened when all was sealed anew: where it is, and what to do. */
import { BlockStack, List, Text } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import type { Lost } from '../../../runtime/support-keys.ts'
import { useNumber } from '../../accuracy/words.ts'

/** Each table that has sealed columns. */
const TABLES = [
  'connections',
  'sessions',
  'customers',
  'events',
  'visitor_links',
  'visitor_checkouts',
  'privacy_requests',
  'shops',
  'support_accounts',
] as const

export function LostValues({ lost }: { lost: readonly Lost[] }) {
  const { t } = useTranslation()
  const number = useNumber()
  return (
    <BlockStack gap="100">
      <Text as="p">{t('support.keys.rotate.back')}</Text>
      <div style={{ overflowWrap: 'anywhere' }}>
        <List>
          {lost.map(({ table, column, key, count, of }) => {
            const known = TABLES.find(each => each === table)
            const said = { place: `${table}.${column}`, key, number: number(count), of: of.join(', ') }
            return (
              <List.Item key={`${said.place} ${key}`}>
                {t(of.length > 0 ? 'support.keys.rotate.lostOf' : 'support.keys.rotate.lost', said)}.{' '}
                {known && t(`support.keys.remedy.${known}`)}
              </List.Item>
            )
          })}
        </List>
      </div>
    </BlockStack>
  )
}
