import { Badge, BlockStack, Button, Card, InlineStack, Text } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import type { AccuracyPage, VendorAccuracy } from '../../runtime/merchant-accuracy.ts'
import { useShare } from '../share.ts'
import { Held } from '../vendors/held.tsx'
import { Equation, type Term } from './equation.tsx'
import { isSlot, slotsOf } from './slots.ts'
import { listOf, slotTerm, totalOf, useNumber, useRowNote, useRowWords } from './words.ts'

/** What is done about these is done about orders whose newer states are so. */
const NEWER_KINDS = { failed: 'newerFailed', waiting: 'newerWaiting' } as const
const TONES = {
  all: 'success',
  failed: 'critical',
  held: 'attention',
  missing: 'warning',
  difference: 'warning',
  waiting: 'info',
  unused: undefined,
  empty: undefined,
} as const

/** What became of a period's orders at one tool. */
export function Vendor({ tool, page }: { tool: VendorAccuracy; page: AccuracyPage }) {
  const { t } = useTranslation()
  const number = useNumber()
  const words = useRowWords()
  const note = useRowNote()
  const share = useShare()
  const { id, name, connected, hold, rows, sent, verdict } = tool
  const { period, whole, shopify } = page
  const slots = slotsOf(page)
  const own = rows.filter(({ kind }) => slots.length === 0 || !isSlot(kind))
  const terms: Term[] = own.map(row => {
    const list = listOf(row, id, period)
    return {
      key: `${row.kind} ${row.reason}`,
      words: words(row),
      note: note(row),
      count: row.count,
      url: list,
    }
  })
  const apart = slots.map(slot => slotTerm(slot, words, page))
  return (
    <Card>
      <BlockStack gap="300">
        <InlineStack align="space-between" blockAlign="center" gap="200">
          <Text as="h2" variant="headingMd">
            {name}
          </Text>
          <InlineStack gap="100">
            {!connected && <Badge>{t('vendors.status.none')}</Badge>}
            <Badge tone={TONES[verdict.kind]}>{t(`accuracy.verdict.badge.${verdict.kind}`)}</Badge>
          </InlineStack>
        </InlineStack>
        {hold && <Held name={name} hold={hold} />}
        <Text as="p" breakWord>
          {verdict.kind === 'empty'
            ? t('accuracy.verdict.empty')
            : t(`accuracy.verdict.${verdict.kind}`, {
                count: verdict.count,
                number: number(verdict.count),
                name,
              })}
        </Text>
        {rows.some(({ kind }) => kind === 'newer') && sent <= whole.orders && (
          <Text as="p" fontWeight="medium">
            {t('accuracy.sent', {
              ...{ sent: number(sent), orders: number(whole.orders), share: share(sent / whole.orders) },
            })}
          </Text>
        )}
        <Remedy tool={tool} period={period} />
        {terms.length + apart.length > 0 && (
          <Equation
            label={name}
            terms={[...terms, ...apart]}
            total={totalOf(page, t)}
            awaited={shopify.state === 'counting'}
          />
        )}
      </BlockStack>
    </Card>
  )
}

/** The button that helps, where one does. */
function Remedy({ tool, period }: { tool: VendorAccuracy; period: AccuracyPage['period'] }) {
  const { t } = useTranslation()
  const { id, name, rows, verdict } = tool
  const { kind } = verdict
  if (kind !== 'failed' && kind !== 'held' && kind !== 'waiting' && kind !== 'unused') return null
  const listed =
    kind === 'failed' || kind === 'waiting'
      ? rows.find(row => row.kind === kind || row.kind === NEWER_KINDS[kind])
      : null
  const url = listed ? listOf(listed, id, period) : `/app/vendors/${id}`
  return (
    <InlineStack>
      <Button {...(url && { url })} variant={kind === 'failed' ? 'primary' : 'secondary'}>
        {t(`accuracy.action.${kind}`, { name })}
      </Button>
    </InlineStack>
  )
}
