import { Badge, BlockStack, Card, Divider, InlineStack, Link, List, Text, TextField } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import type { VendorPurposes } from '../../runtime/merchant-settings.ts'
import { useWord } from '../activity/words.ts'
import type { PartProps } from './form.tsx'
import { useProblem } from './problems.ts'
import { Section } from './section.tsx'

const STORED = ['events', 'people', 'requests', 'links', 'erased'] as const

/** How long events are kept, what a visitor must have allowed, and what is stored at all. */
export function Privacy({ page, values, change, problems, disabled }: PartProps) {
  const { t } = useTranslation()
  const problem = useProblem(page, problems)
  const { shortest, longest, days } = page.retention
  const isShorter = Number(values.retentionDays) < days
  return (
    <Section title={t('settings.privacy.title')} about={t('settings.privacy.about')}>
      <BlockStack gap="400">
        <Card>
          <BlockStack gap="200">
            <TextField
              id="retentionDays"
              label={t('settings.privacy.retention')}
              helpText={t('settings.privacy.retentionHelp', { shortest, longest })}
              value={values.retentionDays}
              onChange={text => change({ retentionDays: text })}
              error={problem('retentionDays')}
              disabled={disabled || shortest === longest}
              type="integer"
              min={shortest}
              max={longest}
              suffix={t('settings.privacy.days')}
              autoComplete="off"
            />
            {isShorter && (
              <Text as="p" tone="caution">
                {t('settings.privacy.shorter')}
              </Text>
            )}
          </BlockStack>
        </Card>
        <Card>
          <BlockStack gap="300">
            <Text as="h3" variant="headingSm">
              {t('settings.privacy.purposes')}
            </Text>
            <Text as="p">{t('settings.privacy.purposesHelp')}</Text>
            <Text as="p" tone="subdued">
              {t('settings.privacy.unknown')}
            </Text>
            {page.purposes.length === 0 && <Text as="p">{t('settings.privacy.noTools')}</Text>}
            {page.purposes.map(vendor => (
              <Purposes key={vendor.id} vendor={vendor} />
            ))}
          </BlockStack>
        </Card>
        <Card>
          <BlockStack gap="200">
            <Text as="h3" variant="headingSm">
              {t('settings.privacy.stored')}
            </Text>
            <List>
              {STORED.map(what => (
                <List.Item key={what}>{t(`settings.privacy.storedList.${what}`)}</List.Item>
              ))}
            </List>
          </BlockStack>
        </Card>
      </BlockStack>
    </Section>
  )
}

/** Events of one tool, together where a visitor must have allowed the same. */
function Purposes({ vendor: { id, name, rows } }: { vendor: VendorPurposes }) {
  const { t, i18n } = useTranslation()
  const word = useWord()
  const together = new Map<string, VendorPurposes['rows']>()
  for (const row of rows) {
    const key = `${row.unless ?? ''} ${row.purposes.join(' ')}`
    together.set(key, [...(together.get(key) ?? []), row])
  }
  const list = new Intl.ListFormat(i18n.language)
  return (
    <>
      <Divider />
      <BlockStack gap="200">
        <InlineStack align="space-between" gap="200">
          <Text as="h4" fontWeight="semibold">
            {name}
          </Text>
          <Link url={`/app/vendors/${id}`}>{t('settings.privacy.change', { name })}</Link>
        </InlineStack>
        {[...together].map(([key, same]) => (
          <BlockStack key={key} gap="100">
            <InlineStack gap="100">{same[0] && <Needed row={same[0]} />}</InlineStack>
            <Text as="p">{list.format(same.map(({ type }) => word('type', type) ?? type))}</Text>
          </BlockStack>
        ))}
        {rows.length === 0 && <Text as="p">{t('settings.privacy.noEvents')}</Text>}
      </BlockStack>
    </>
  )
}

function Needed({ row: { purposes, unless } }: { row: VendorPurposes['rows'][number] }) {
  const { t } = useTranslation()
  if (unless) return <Badge>{t(`vendors.events.unless.${unless}`)}</Badge>
  if (purposes.length === 0) return <Badge>{t('settings.privacy.noPurpose')}</Badge>
  return purposes.map(purpose => <Badge key={purpose}>{t(`vendors.events.purpose.${purpose}`)}</Badge>)
}
