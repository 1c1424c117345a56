/** Entries of the audit: who, when, from where, what, why, and what was otherwise before. */
import { Badge, BlockStack, Box, Divider, InlineStack, Link, Text } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import type { ShownEntry } from '../../../runtime/support-audit.ts'
import type { ToldReplay } from '../../../runtime/told-replay.ts'
import { Part } from '../../part.tsx'
import { useTime } from '../../times.ts'
import { useNumber } from '../number.ts'
import { replayBecame, replayTitle } from './wording.ts'
import { useActionName, useFieldName, useFieldValue, useWhoDid } from './words.ts'

const WRAP = { overflowWrap: 'anywhere' } as const

export function AuditEntries({ entries }: { entries: readonly ShownEntry[] }) {
  const { t } = useTranslation()
  return (
    <Part title={t('support.audit.list')}>
      <BlockStack as="ul" gap="300">
        {entries.map((entry, place) => (
          <li key={entry.id} style={{ listStyle: 'none' }}>
            <BlockStack gap="300">
              {place > 0 && <Divider />}
              <Entry entry={entry} />
            </BlockStack>
          </li>
        ))}
      </BlockStack>
    </Part>
  )
}

function Entry({ entry }: { entry: ShownEntry }) {
  const { t } = useTranslation()
  const time = useTime()
  const who = useWhoDid()(entry)
  const { address, shop, vendorName, subject, reason, at, event, fleet } = entry
  const isBeginning = fleet !== null && fleet.shops !== null
  return (
    <BlockStack gap="100">
      <InlineStack gap="200" blockAlign="center" align="space-between">
        <InlineStack gap="200" blockAlign="center">
          <Text as="h3" variant="headingSm">
            <Title entry={entry} />
          </Text>
          {vendorName && !isBeginning && <Badge>{vendorName}</Badge>}
          {shop && (
            <span style={WRAP}>
              <Link url={`/support/shops/${shop}`}>{shop}</Link>
            </span>
          )}
        </InlineStack>
        <Text as="span" tone="subdued">
          <time dateTime={at}>{time(at)}</time>
        </Text>
      </InlineStack>
      <div style={WRAP}>
        <Text as="p" tone="subdued">
          {address === null ? who : t('support.audit.from', { who, address })}
        </Text>
        {subject && <Text as="p">{t(subjectText(entry.action), { subject })}</Text>}
        {event && shop && (
          <Link url={`/support/shops/${shop}/events/${event}`}>
            {t('support.audit.event', { id: event })}
          </Link>
        )}
        {entry.replay && <Replay replay={entry.replay} shop={event === null ? shop : null} />}
        {fleet && <FleetLinks id={fleet.id} isPart={shop !== null} />}
        {reason && <Text as="p">{t('support.audit.reason', { reason })}</Text>}
      </div>
      <Changes changes={entry.changes} />
    </BlockStack>
  )
}

/** What the subject of an action is, where it is none that something was done to. */
function subjectText(action: string) {
  if (action === 'keys_rotate') return 'support.audit.key'
  return action === 'sign_in_failed' ? 'support.audit.claimed' : 'support.audit.subject'
}

/** What was done; of a fleet action with the vendor and for how many shops. */
function Title({ entry: { action, fleet, replay, vendorName, manner } }: { entry: ShownEntry }) {
  const { t } = useTranslation()
  const number = useNumber()
  const actionName = useActionName()
  if (replay) {
    const { key, count } = replayTitle(replay)
    return count === null ? t(key) : t(key, { count, formatted: number(count) })
  }
  const count = fleet?.shops ?? null
  if (count === null) return actionName(action, manner)
  const kind = action === 'fleet_hold' ? 'hold' : 'release'
  return t(`support.audit.fleetBegun.${kind}`, { count, formatted: number(count), vendor: vendorName })
}

/** What they became, and a link to their list. @param shop null: it was one event, which there is a link to */
function Replay({ replay, shop }: { replay: ToldReplay; shop: string | null }) {
  const { t } = useTranslation()
  const number = useNumber()
  const became = replayBecame(replay)
  return (
    <>
      {became && (
        <Text as="p">
          {t(became.key, {
            ...{ count: became.count, formatted: number(became.count), open: number(became.open) },
          })}
        </Text>
      )}
      {shop && replay.id && (
        <Link url={`/support/shops/${shop}/activity?${new URLSearchParams({ replay: replay.id })}`}>
          {t('support.audit.replayedList')}
        </Link>
      )}
    </>
  )
}

/** @param isPart whether the entry is of one shop of it */
function FleetLinks({ id, isPart }: { id: string; isPart: boolean }) {
  const { t } = useTranslation()
  const page = t(isPart ? 'support.audit.fleetPart' : 'support.audit.fleetPage')
  return (
    <InlineStack gap="300">
      <Link url={`/support/fleet/${id}`}>{page}</Link>
      {!isPart && <Link url={`/support/audit?fleet=${id}`}>{t('support.audit.fleetShops')}</Link>}
    </InlineStack>
  )
}

function Changes({ changes }: Pick<ShownEntry, 'changes'>) {
  const fieldName = useFieldName()
  const fieldValue = useFieldValue()
  const { t } = useTranslation()
  if (changes.length === 0) return null
  return (
    <Box background="bg-surface-secondary" borderRadius="200" padding="200">
      <dl style={{ ...WRAP, margin: 0, fontSize: '0.8125rem' }}>
        {changes.map(change => (
          <div key={change.field}>
            <dt style={{ display: 'inline' }}>{fieldName(change)}: </dt>
            <dd style={{ display: 'inline', margin: 0 }}>
              {change.from !== null && <del>{fieldValue(change.field, change.from)}</del>}
              {change.from !== null && ' → '}
              {change.from !== null && change.to === null && t('support.audit.without')}
              {change.to !== null && (
                <ins style={{ textDecoration: 'none' }}>{fieldValue(change.field, change.to)}</ins>
              )}
            </dd>
          </div>
        ))}
      </dl>
    </Box>
  )
}
