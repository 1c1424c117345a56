/** Why what is previewed would not be sent as it happens, and what becomes of it instead. */
import { Banner, BlockStack, Button, InlineStack, Text } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import type { ShownMade } from '../../runtime/merchant-preview.ts'
import type { VendorStatus } from '../../runtime/merchant-vendors.ts'
import { Held } from '../vendors/held.tsx'
import { useWhy } from '../vendors/status.tsx'

/** `settings`: where the vendor is set up. */
type Props = { name: string; status: VendorStatus; made: ShownMade; settings: string }

/** Nothing where the vendor gets what happens. */
export function Stands({ name, status, made, settings }: Props) {
  const { t } = useTranslation()
  const why = useWhy()
  const means = meaningOf(status)
  if (!means) return null
  // What is not sent anyway is not kept for later.
  const isSent = made.kind === 'sent'
  const said = isSent ? t(`preview.stands.${means}`) : null
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
