/** The newest failures of one vendor over all shops by cause, each with its newest event. */
import { Badge, BlockStack, Box, Divider, InlineStack, Link, Text } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import type { ShownCause, VendorPage } from '../../../../runtime/support-fleet.ts'
import { useWord } from '../../../activity/words.ts'
import { useSay } from '../../../i18n.ts'
import { Part } from '../../../part.tsx'
import { useTime } from '../../../times.ts'
import { useNumber } from '../../number.ts'
import { shopAddress, shopsAddress } from '../../shops/words.ts'
import { Now } from './as-of.tsx'

type Props = { page: Pick<VendorPage, 'id' | 'at' | 'failures'> }

export function FleetFailures({ page: { id, at, failures } }: Props) {
  const { t } = useTranslation()
  const { causes, capped } = failures
  const title = t('support.shop.failures.title')
  return (
    <Part title={title}>
      <Now at={at} />
      <Text as="p" tone="subdued">
        {t('support.vendor.failures.help')} {capped && t('support.vendor.failures.capped')}
      </Text>
      {causes.length === 0 ? (
        <Text as="p">{t('support.vendor.failures.none')}</Text>
      ) : (
        <>
          <ul aria-label={title} style={{ listStyle: 'none', margin: 0, padding: 0 }}>
            {causes.map((cause, place) => (
              <li key={`${cause.kind}:${cause.newest}`}>
                {place > 0 && <Divider />}
                <Cause cause={cause} />
              </li>
            ))}
          </ul>
          <InlineStack>
            <Link url={shopsAddress({ vendor: id, sort: 'failed' })}>{t('support.vendor.failures.all')}</Link>
          </InlineStack>
        </>
      )}
    </Part>
  )
}

function Cause({ cause }: { cause: ShownCause }) {
  const { kind, reason, status, message, count, shops, since, until, newest, shop } = cause
  const { t } = useTranslation()
  const word = useWord()
  const say = useSay()
  const time = useTime()
  const number = useNumber()
  const counts = (of: number) => ({ count: of, formatted: number(of) })
  const why = (reason && (word('reason', reason) ?? reason)) ?? t('support.shop.failures.unsaid')
  const times = { since: time(since), until: time(until) }
  return (
    <Box paddingBlock="300">
      <BlockStack gap="150">
        <InlineStack gap="200" blockAlign="center">
          <Badge tone={kind === 'failed' ? 'critical' : 'attention'}>
            {t(`support.shop.failures.${kind}`)}
          </Badge>
          <Text as="span" fontWeight="medium">
            {`${t('support.vendor.failures.count', counts(count))} ${t('support.vendor.failures.in', counts(shops))}`}
          </Text>
        </InlineStack>
        <Text as="p" breakWord>
          {[why, status !== null && t('support.shop.failures.status', { status }), message && say(message)]
            .filter(Boolean)
            .join(' · ')}
        </Text>
        <Text as="p" tone="subdued">
          {t(`support.vendor.failures.${times.since === times.until ? 'receivedAt' : 'received'}`, times)}
        </Text>
        <InlineStack>
          <Link
            url={`${shopAddress(shop)}/events/${newest}`}
            accessibilityLabel={t('support.vendor.failures.newestOf', { shop, cause: why })}
          >
            {t('support.vendor.failures.newest', { shop })}
          </Link>
        </InlineStack>
      </BlockStack>
    </Box>
  )
}
