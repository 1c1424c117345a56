/** Why what happens is not sent to a tool at once, and what becomes of it instead. */
import { Banner, BlockStack, Button, InlineStack, Text } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import type { VendorStatus } from '../../runtime/merchant-vendors.ts'
import { Held, useOldest } from './held.tsx'
import { useWhy } from './status.tsx'

/** `sent`: it is about an event that would be sent. `settings`: where the vendor is set up. */
type Props = { name: string; status: VendorStatus; sent: boolean; settings: string }

/** Nothing where the vendor gets what happens. */
export function Stands({ name, status, sent, settings }: Props) {
  const { t } = useTranslation()
  const why = useWhy()
  const days = useOldest()
  const means = meaningOf(status)
  if (!means) return null
  // What is not sent anyway is not kept for later.
  const said = sent && !(means === 'held' && days === null) ? t(`preview.stands.${means}`, { days }) : null
  if (status.kind === 'held') return <Held name={name} hold={status} title={said ?? undefined} />
  const isMendedThere = status.kind === 'off' || status.kind === 'attention' || status.kind === 'refused'
  return (
    <Banner
      tone={status.kind === 'attention' ? 'critical' : 'warning'}
      title={said ?? `${name}: ${t(`vendors.status.${status.kind}`)}`}
    >
      <BlockStack gap="200">
        <Text as="p" breakWord>
          {why(name, status)}
        </Text>
        {isMendedThere && (
          <InlineStack>
            <Button url={settings}>{t('preview.toSettings')}</Button>
          </InlineStack>
        )}
      </BlockStack>
    </Banner>
  )
}

/** What it means for an event that would be sent; null: it is sent as it happens. */
function meaningOf(status: VendorStatus) {
  switch (status.kind) {
    case 'none':
    case 'on':
    case 'untested':
      return null
    case 'rests':
      return status.over ? 'tried' : 'paused'
    case 'refused':
      return 'tried'
    default:
      return status.kind
  }
}
