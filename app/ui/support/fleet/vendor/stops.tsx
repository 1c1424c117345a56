/** What keeps one vendor from sending now: pauses, and the holds of support by their reason. */
import { BlockStack, Box, Divider, InlineStack, Link, Text } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import type { ShownHolds, VendorPage } from '../../../../runtime/support-fleet.ts'
import { Part } from '../../../part.tsx'
import { useTime } from '../../../times.ts'
import { useNumber } from '../../number.ts'
import { Now } from './as-of.tsx'

type Shown = 'id' | 'at' | 'countedUntil' | 'vendor' | 'rest' | 'atRest' | 'holds'
type Props = { page: Pick<VendorPage, Shown>; mayAct: boolean }

export function Stops({ page, mayAct }: Props) {
  const { id, at, countedUntil, vendor, rest, atRest, holds } = page
  const { t } = useTranslation()
  const time = useTime()
  const number = useNumber()
  const counts = (count: number) => ({ count, formatted: number(count) })
  const { resting, since } = atRest
  const { paused = 0, pausedUntil = null } = vendor ?? {}
  return (
    <Part title={t('support.vendor.stops.title')}>
      <Now at={at} />
      {rest && (
        <Text as="p" tone="critical">
          {t(`support.vendor.stops.${rest.over ? 'tries' : 'rests'}`, {
            ...{ since: time(rest.since), until: time(rest.until) },
          })}
        </Text>
      )}
      {since !== null && (
        <Text as="p">{t('support.vendor.stops.resting', { ...counts(resting), since: time(since) })}</Text>
      )}
      {!rest && since === null && <Text as="p">{t('support.vendor.stops.noRest')}</Text>}
      {pausedUntil !== null && countedUntil !== null && (
        <Text as="p">
          {t('support.vendor.stops.paused', {
            ...counts(paused),
            ...{ until: time(pausedUntil), counted: time(countedUntil) },
          })}
        </Text>
      )}
      {holds.length === 0 ? (
        <Text as="p">{t('support.vendor.stops.noHold')}</Text>
      ) : (
        <BlockStack gap="100">
          <Text as="h3" variant="headingSm">
            {t('support.vendor.stops.holds')}
          </Text>
          <ul
            aria-label={t('support.vendor.stops.holds')}
            style={{ listStyle: 'none', margin: 0, padding: 0 }}
          >
            {holds.map((hold, place) => (
              <li key={hold.reason}>
                {place > 0 && <Divider />}
                <OfReason vendor={id} hold={hold} mayAct={mayAct} />
              </li>
            ))}
          </ul>
        </BlockStack>
      )}
    </Part>
  )
}

function OfReason({ vendor, hold, mayAct }: { vendor: string; hold: ShownHolds; mayAct: boolean }) {
  const { reason, shops, since, by, action } = hold
  const { t } = useTranslation()
  const time = useTime()
  const number = useNumber()
  const ends = useEnds()
  const release = new URLSearchParams({ kind: 'release', vendor, heldFor: reason })
  return (
    <Box paddingBlock="200">
      <BlockStack gap="100">
        <Text as="p" breakWord>
          {reason}
        </Text>
        <Text as="p" tone="subdued" breakWord>
          {[
            t('support.vendor.hold.shops', { count: shops, formatted: number(shops) }),
            t('support.vendor.hold.since', { since: time(since) }),
            ends(hold),
            by && t('support.vendor.hold.by', { actor: by }),
          ]
            .filter(Boolean)
            .join(' · ')}
        </Text>
        <InlineStack gap="300">
          {action !== null && (
            <Link
              url={`/support/fleet/${action}`}
              accessibilityLabel={t('support.vendor.hold.actionOf', { reason })}
            >
              {t('support.vendor.hold.action')}
            </Link>
          )}
          {mayAct && (
            <Link
              url={`/support/fleet?${release}`}
              accessibilityLabel={t('support.vendor.hold.releaseOf', { reason })}
            >
              {t('support.vendor.hold.release')}
            </Link>
          )}
        </InlineStack>
      </BlockStack>
    </Box>
  )
}

/** @returns a function that says when holds end */
function useEnds(): (hold: ShownHolds) => string {
  const { t } = useTranslation()
  const time = useTime()
  return ({ endsFirst, endsLast }) => {
    if (endsFirst === null) return t('support.vendor.hold.open')
    const first = time(endsFirst)
    if (endsLast === null) return t('support.vendor.hold.endsSome', { first })
    const last = time(endsLast)
    return first === last
      ? t('support.vendor.hold.ends', { time: first })
      : t('support.vendor.hold.endsApart', { first, last })
  }
}
