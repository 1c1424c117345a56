/** One vendor of a shop: the merchant's switch and support's hold apart, what waits, its connection, its days and its history. */
import { Badge, BlockStack, Box, Button, Card, InlineGrid, InlineStack, Text } from '@shopify/polaris'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { SupportVendor } from '../../../runtime/support-shop.ts'
import { Facts } from '../../activity/facts.tsx'
import { useFormats } from '../../home/words.ts'
import { useTime } from '../../times.ts'
import { supportWords } from '../../vendor-words.ts'
import { useTestSentence, useWhy } from '../../vendors/status.tsx'
import { STATE_TONES, StateBadge } from '../lane-state.tsx'
import { useFigures } from '../shops/words.ts'
import { Days } from './days.tsx'
import { History } from './history.tsx'

type Props = {
  /** The shop's page. */
  at: string
  vendor: SupportVendor
  countedUntil: string | null
  /** When all of this was asked for. */
  now: string
  /** Of the shop's days. */
  zone: string | null
  /** Not given: who looks may not hold and release. */
  onAct?: (intent: 'hold' | 'release') => void
}

export function VendorPart({ at, vendor, countedUntil, now, zone, onAct }: Props) {
  const { t } = useTranslation()
  const why = useWhy()
  const { id, name, status, state, hold, days } = vendor
  return (
    <div id={id}>
      <Card>
        <BlockStack gap="400">
          <InlineStack align="space-between" blockAlign="center" gap="200">
            <InlineStack gap="200" blockAlign="center">
              <Text as="h2" variant="headingMd">
                {name}
              </Text>
              <StateBadge state={state} />
            </InlineStack>
            <InlineStack gap="200">
              <Button
                url={`${at}/activity?vendor=${id}`}
                accessibilityLabel={t('support.shop.act.eventsOf', { name })}
              >
                {t('support.shop.act.events')}
              </Button>
              {onAct && (
                <Button
                  onClick={() => onAct('hold')}
                  accessibilityLabel={t(`support.shop.act.${hold ? 'changeNamed' : 'holdNamed'}`, { name })}
                >
                  {t(`support.shop.act.${hold ? 'change' : 'hold'}`)}
                </Button>
              )}
              {onAct && hold && (
                <Button
                  variant="primary"
                  onClick={() => onAct('release')}
                  accessibilityLabel={t('support.shop.act.releaseNamed', { name })}
                >
                  {t('support.shop.act.release')}
                </Button>
              )}
            </InlineStack>
          </InlineStack>
          {status.kind !== 'held' && (
            <Text as="p" breakWord tone={state === 'attention' ? 'critical' : undefined}>
              {why(name, status)}
            </Text>
          )}
          <InlineGrid columns={{ xs: 1, md: 2 }} gap="400">
            <Merchant vendor={vendor} />
            <Support vendor={vendor} />
            <Waiting at={at} vendor={vendor} now={now} />
            <Connection vendor={vendor} />
          </InlineGrid>
          <Days at={at} id={id} name={name} days={days} countedUntil={countedUntil} zone={zone} />
          <History at={at} id={id} name={name} />
        </BlockStack>
      </Card>
    </div>
  )
}

function Side({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Box>
      <BlockStack gap="150">
        <Text as="h3" variant="headingSm">
          {title}
        </Text>
        {children}
      </BlockStack>
    </Box>
  )
}

/** Why it waits for a person is said above, but where it is held besides: then it is said here. */
function Merchant({ vendor: { enabled, attention, status } }: { vendor: SupportVendor }) {
  const { t } = useTranslation()
  return (
    <Side title={t('support.shop.merchant.title')}>
      <InlineStack>
        <Badge {...(enabled && { tone: 'success' })}>
          {t(`support.shop.merchant.${enabled ? 'on' : 'off'}`)}
        </Badge>
      </InlineStack>
      {attention && status.kind === 'held' && (
        <Text as="p" breakWord>
          {supportWords(attention)}
        </Text>
      )}
    </Side>
  )
}

function Support({ vendor: { hold, holder } }: { vendor: SupportVendor }) {
  const { t } = useTranslation()
  const time = useTime()
  return (
    <Side title={t('support.shop.hold.title')}>
      <InlineStack>
        <Badge {...(hold && { tone: STATE_TONES.held })}>
          {t(`support.shop.hold.${hold ? 'held' : 'none'}`)}
        </Badge>
      </InlineStack>
      {hold && (
        <>
          {holder !== null && (
            <Text as="p" breakWord>
              {t('support.shop.heldHere.by', { actor: holder })}
            </Text>
          )}
          <Text as="p" breakWord>
            {t('support.shop.hold.reason', { reason: hold.reason })}
          </Text>
          <Text as="p" tone="subdued">
            {hold.until
              ? t('support.shop.hold.until', { since: time(hold.since), until: time(hold.until) })
              : t('support.shop.hold.since', { since: time(hold.since) })}
          </Text>
        </>
      )}
    </Side>
  )
}

/** As the list of events calls what is counted. */
const LISTED = { open: 'to_send', forVisitor: 'for_visitor', held: 'held', failed: 'failed' } as const

function Waiting({ at, vendor, now }: { at: string; vendor: SupportVendor; now: string }) {
  const { id, name, counts, oldest, oldestHeld } = vendor
  const { t } = useTranslation()
  const time = useTime()
  const { counted } = useFormats()
  const { ago } = useFigures(now)
  const received = (at: string) => `${time(at)}, ${ago(at)}`
  return (
    <Side title={t('support.shop.counts.title')}>
      <Facts
        facts={[
          ...(['open', 'forVisitor', 'held', 'failed'] as const).flatMap(kind => {
            const fact = { name: t(`support.shop.counts.${kind}`), value: counted(counts[kind]) }
            if (counts[kind] === 0) return kind === 'forVisitor' ? [] : fact
            const search = new URLSearchParams({ vendor: id, outcome: LISTED[kind] })
            const told = t('support.shop.counts.listOf', { number: fact.value, name, kind: fact.name })
            return { ...fact, url: `${at}/activity?${search}`, told }
          }),
          {
            name: t('support.shop.counts.oldest'),
            value: oldest === null ? t('support.shop.counts.nothing') : received(oldest),
          },
          ...(oldestHeld ? [{ name: t('support.shop.counts.oldestHeld'), value: received(oldestHeld) }] : []),
        ]}
      />
    </Side>
  )
}

function Connection({ vendor }: { vendor: SupportVendor }) {
  const { secrets, secretsSetAt, savedAt, workedAt, status, test, attention } = vendor
  const { t } = useTranslation()
  const time = useTime()
  const tested = useTestSentence()
  // What a refusal was, which the card says already.
  const isSaid = test !== null && !test.ok && test.message === attention
  const worked = workedAt ? time(workedAt) : t('support.shop.connection.never')
  return (
    <Side title={t('support.shop.connection.title')}>
      <Facts
        facts={[
          ...(secrets ?? []).map(({ label, ends }) => ({
            name: t('support.shop.connection.secret', { label }),
            value: ends,
          })),
          {
            name: t('support.shop.connection.set'),
            value: secretsSetAt ? time(secretsSetAt) : t('support.shop.connection.setBefore'),
          },
          { name: t('support.shop.connection.saved'), value: time(savedAt) },
          { name: t('support.shop.connection.worked'), value: worked },
        ]}
      />
      {secrets === null && (
        <Text as="p" tone="critical">
          {t('support.shop.connection.unreadable')}
        </Text>
      )}
      <Text as="p" tone="subdued" breakWord>
        {tested(isSaid ? { ...test, message: null } : test, status)}
      </Text>
    </Side>
  )
}
