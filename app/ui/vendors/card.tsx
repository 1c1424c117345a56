import { BlockStack, Button, Card, InlineStack, Link, Text } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import type { ListedVendor, VendorCard } from '../../runtime/merchant-vendors.ts'
import { useWord } from '../activity/words.ts'
import { counted } from '../counted.ts'
import { Held } from './held.tsx'
import { StatusBadge, useTestSentence, useWhy } from './status.tsx'
import type { TestSaved } from './test-saved.ts'

/** One vendor in the list: how it stands, what waits, its last test, and the way to its settings. */
export function VendorSummary({ card, tests }: { card: ListedVendor; tests: TestSaved }) {
  const { t } = useTranslation()
  const why = useWhy()
  const tested = useTestSentence()
  const { id, name, status, test } = card
  const connected = status.kind !== 'none'
  return (
    <Card>
      <BlockStack gap="300">
        <InlineStack align="space-between" blockAlign="center" gap="200">
          <Text as="h2" variant="headingMd">
            {name}
          </Text>
          <StatusBadge status={status} />
        </InlineStack>
        {status.kind === 'held' ? (
          <Held name={name} hold={status} off={!status.enabled} />
        ) : (
          <Text as="p" breakWord tone={status.kind === 'attention' ? 'critical' : undefined}>
            {why(name, status)}
          </Text>
        )}
        {connected ? <Counts id={id} counts={card.counts} /> : <Gets types={card.gets} />}
        {connected && (
          <Text as="p" tone="subdued" breakWord>
            {tested(test, status)}
          </Text>
        )}
        <InlineStack gap="200">
          {status.kind === 'untested' && (
            <Button
              variant="primary"
              onClick={() => tests.test(card)}
              loading={tests.testing === id}
              disabled={tests.testing !== null && tests.testing !== id}
            >
              {t('vendors.testNamed', { name })}
            </Button>
          )}
          <Button
            url={`/app/vendors/${id}`}
            variant={connected ? 'secondary' : 'primary'}
            accessibilityLabel={t(connected ? 'vendors.openNamed' : 'vendors.connectNamed', { name })}
          >
            {t(connected ? 'vendors.open' : 'vendors.connect')}
          </Button>
        </InlineStack>
      </BlockStack>
    </Card>
  )
}

function Gets({ types }: { types: string[] }) {
  const { t, i18n } = useTranslation()
  const word = useWord()
  const events = types.map(type => word('type', type) ?? type)
  return (
    <Text as="p" tone="subdued">
      {t('vendors.gets', { events: new Intl.ListFormat(i18n.language, { type: 'unit' }).format(events) })}
    </Text>
  )
}

/** As what Activity finds them. */
const OUTCOMES = { open: 'to_send', forVisitor: 'for_visitor', held: 'held', failed: 'failed' } as const

/** What is still to be sent, waits for its visitor or for the vendor to run, or failed; each leads to its list. */
export function Counts({ id, counts }: Pick<VendorCard, 'id' | 'counts'>) {
  const { t, i18n } = useTranslation()
  const number = (value: number) => counted(value, each => new Intl.NumberFormat(i18n.language).format(each))
  const parts = (['open', 'forVisitor', 'held', 'failed'] as const).filter(kind => counts[kind] > 0)
  if (parts.length === 0) return <Text as="p">{t('vendors.counts.none')}</Text>
  return (
    <InlineStack gap="300">
      {parts.map(kind => (
        <Link key={kind} url={`/app/activity?vendor=${id}&outcome=${OUTCOMES[kind]}`}>
          {t(`vendors.counts.${kind}`, { count: counts[kind], number: number(counts[kind]) })}
        </Link>
      ))}
    </InlineStack>
  )
}
