/** Recent failures of a shop by cause, each with its newest event. */
import { Badge, BlockStack, Box, Divider, InlineStack, Link, Text } from '@shopify/polaris'
import { Fragment } from 'react'
import { useTranslation } from 'react-i18next'
import type { FailureCause, Failures as Given, SupportVendor } from '../../../runtime/support-shop.ts'
import { useWord } from '../../activity/words.ts'
import { useFormats } from '../../home/words.ts'
import { useSay } from '../../i18n.ts'
import { Part } from '../../part.tsx'
import { useTime } from '../../times.ts'

type Props = {
  at: string
  failures: Given
  vendors: readonly SupportVendor[]
  nameOf(vendor: string): string
}

export function Failures({ at, failures: { causes, capped }, vendors, nameOf }: Props) {
  const { t } = useTranslation()
  const waiting = vendors.filter(holdsForPerson)
  const isEmpty = causes.length === 0 && waiting.length === 0
  return (
    <Part title={t('support.shop.failures.title')}>
      <Text as="p" tone="subdued">
        {t('support.shop.failures.help')}
      </Text>
      {isEmpty && <Text as="p">{t('support.shop.failures.none')}</Text>}
      {!isEmpty && (
        <ul
          aria-label={t('support.shop.failures.title')}
          style={{ listStyle: 'none', margin: 0, padding: 0 }}
        >
          {waiting.map((vendor, place) => (
            <li key={vendor.id}>
              {place > 0 && <Divider />}
              <WaitsForPerson at={at} vendor={vendor} />
            </li>
          ))}
          {causes.map((cause, place) => (
            <Fragment key={`${cause.kind}:${cause.newest}:${cause.vendor}`}>
              <li>
                {place + waiting.length > 0 && <Divider />}
                <Cause at={at} cause={cause} name={nameOf(cause.vendor)} />
              </li>
            </Fragment>
          ))}
        </ul>
      )}
      {capped && (
        <Text as="p" tone="subdued">
          {t('support.shop.failures.capped')}
        </Text>
      )}
    </Part>
  )
}

/** Why its vendor needs a person, having refused the credentials or otherwise, also where support holds it besides. */
const personFor = ({ status, behindHold }: SupportVendor) =>
  status.kind === 'attention' ? status : behindHold

/** What is held for that, and not because it was switched off. */
const holdsForPerson = (vendor: SupportVendor) => personFor(vendor) !== null && vendor.counts.held > 0

function WaitsForPerson({ at, vendor }: { at: string; vendor: SupportVendor }) {
  const { t } = useTranslation()
  const say = useSay()
  const time = useTime()
  const { counted } = useFormats()
  const { id, name, behindHold, counts, oldestHeld } = vendor
  const stop = personFor(vendor)
  if (!stop) return null
  const kind = t(`support.shop.failures.${stop.refused ? 'refused' : 'attention'}`)
  const held = {
    count: counts.held,
    number: counted(counts.held),
    received: time(oldestHeld ?? vendor.savedAt),
  }
  return (
    <Box paddingBlock="300">
      <BlockStack gap="150">
        <Head name={name} tone="critical" kind={kind} count={t('support.shop.failures.held', held)} />
        <Text as="p" breakWord>
          {say(stop.why)}
        </Text>
        {behindHold && (
          <Text as="p" tone="subdued">
            {behindHold.since
              ? t('support.shop.failures.behindHoldSince', { since: time(behindHold.since) })
              : t('support.shop.failures.behindHold')}
          </Text>
        )}
        <InlineStack>
          <Link
            url={`${at}/activity?${new URLSearchParams({ vendor: id, outcome: 'held' })}`}
            accessibilityLabel={t('support.shop.failures.allOf', { name, cause: kind })}
          >
            {t('support.shop.failures.all')}
          </Link>
        </InlineStack>
      </BlockStack>
    </Box>
  )
}

type HeadProps = { name: string; tone: 'critical' | 'attention'; kind: string; count: string }

/** Of which vendor it is, what is wrong, and of how many deliveries. */
function Head({ name, tone, kind, count }: HeadProps) {
  return (
    <InlineStack gap="200" blockAlign="center">
      <Text as="h3" variant="headingSm">
        {name}
      </Text>
      <Badge tone={tone}>{kind}</Badge>
      <Text as="span" fontWeight="medium">
        {count}
      </Text>
    </InlineStack>
  )
}

function Cause({ at, cause, name }: { at: string; cause: FailureCause; name: string }) {
  const { t } = useTranslation()
  const word = useWord()
  const say = useSay()
  const { number } = useFormats()
  const { vendor, kind, reason, status, message, count, newest } = cause
  const why = (reason && (word('reason', reason) ?? reason)) ?? t('support.shop.failures.unsaid')
  const search = new URLSearchParams({
    ...{ vendor, outcome: kind === 'failed' ? 'failed' : 'to_send' },
    ...(kind === 'failed' && reason && { reason }),
  })
  const named = { name, cause: why }
  return (
    <Box paddingBlock="300">
      <BlockStack gap="150">
        <Head
          name={name}
          tone={kind === 'failed' ? 'critical' : 'attention'}
          kind={t(`support.shop.failures.${kind}`)}
          count={t('support.shop.failures.count', { count, number: number(count) })}
        />
        <Text as="p" breakWord>
          {[why, status !== null && t('support.shop.failures.status', { status }), message && say(message)]
            .filter(Boolean)
            .join(' · ')}
        </Text>
        <InlineStack gap="300">
          <Link
            url={`${at}/events/${newest}`}
            accessibilityLabel={t('support.shop.failures.newestOf', named)}
          >
            {t('support.shop.failures.newest')}
          </Link>
          <Link url={`${at}/activity?${search}`} accessibilityLabel={t('support.shop.failures.allOf', named)}>
            {t('support.shop.failures.all')}
          </Link>
        </InlineStack>
      </BlockStack>
    </Box>
  )
}
