/** What support did to the shop, the newest first. */
import { BlockStack, Divider, InlineStack, Link, Text } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import type { ToldDeed } from '../../runtime/merchant-support.ts'
import { Part } from '../part.tsx'
import { useTime } from '../times.ts'

export function Deeds({ deeds }: { deeds: readonly ToldDeed[] }) {
  const { t } = useTranslation()
  return (
    <Part title={t('deeds.list')}>
      <BlockStack as="ul" gap="300">
        {deeds.map((deed, place) => (
          <li key={deed.id} style={{ listStyle: 'none' }}>
            <BlockStack gap="300">
              {place > 0 && <Divider />}
              <Deed deed={deed} />
            </BlockStack>
          </li>
        ))}
      </BlockStack>
    </Part>
  )
}

function Deed({ deed: { at, what, vendor, reason, event } }: { deed: ToldDeed }) {
  const { t } = useTranslation()
  const time = useTime()
  return (
    <BlockStack gap="100">
      <InlineStack gap="200" align="space-between" blockAlign="center">
        <Text as="h3" variant="headingSm">
          {vendor === null
            ? t(`deeds.what.${what}`)
            : t('deeds.at', { what: t(`deeds.what.${what}`), vendor })}
        </Text>
        <Text as="span" tone="subdued">
          <time dateTime={at}>{time(at)}</time>
        </Text>
      </InlineStack>
      {reason && (
        <Text as="p" breakWord>
          {t('deeds.why', { reason })}
        </Text>
      )}
      {event && (
        <Text as="p">
          <Link url={`/app/activity/${event}`}>{t('deeds.event')}</Link>
        </Text>
      )}
    </BlockStack>
  )
}
