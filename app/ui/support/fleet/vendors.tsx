/** Each vendor over all shops, and where one begins to hold or release it. */
import { Badge, BlockStack, Button, Divider, InlineStack, Link, Text } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import type { ShownVendor } from '../../../runtime/support-fleet.ts'
import { Part } from '../../part.tsx'
import { useTime } from '../../times.ts'
import { STATE_TONES, STATES } from '../lane-state.tsx'
import { useNumber } from '../number.ts'
import { shopsAddress } from '../shops/words.ts'

type Props = { vendors: ShownVendor[]; mayAct: boolean }

export function Vendors({ vendors, mayAct }: Props) {
  const { t } = useTranslation()
  return (
    <Part title={t('support.fleet.vendors')}>
      {vendors.length === 0 ? (
        <Text as="p" tone="subdued">
          {t('support.fleet.noVendors')}
        </Text>
      ) : (
        <BlockStack as="ul" gap="300">
          {vendors.map((vendor, place) => (
            <li key={vendor.vendor} style={{ listStyle: 'none' }}>
              <BlockStack gap="300">
                {place > 0 && <Divider />}
                <Vendor vendor={vendor} mayAct={mayAct} />
              </BlockStack>
            </li>
          ))}
        </BlockStack>
      )}
      {vendors.length > 0 && (
        <Text as="p" variant="bodySm" tone="subdued">
          {t('support.fleet.figure.days')}
        </Text>
      )}
    </Part>
  )
}

function Vendor({ vendor, mayAct }: { vendor: ShownVendor; mayAct: boolean }) {
  const { t } = useTranslation()
  const time = useTime()
  const number = useNumber()
  const {
    vendor: id,
    name,
    shops,
    states,
    waiting,
    held,
    heldBySupport,
    oldestWaiting,
    delivered,
    failed,
    restsUntil,
  } = vendor
  // Of lanes that stand in several ways: no one list is of these.
  const heldOtherwise = held - heldBySupport
  return (
    <BlockStack gap="200">
      <InlineStack gap="200" blockAlign="center">
        <Text as="h3" variant="headingSm">
          {name}
        </Text>
        <Link url={shopsAddress({ vendor: id })}>
          {t('support.fleet.connected', { count: shops, formatted: number(shops) })}
        </Link>
      </InlineStack>
      <InlineStack gap="150">
        {STATES.filter(state => states[state] > 0).map(state => (
          <Link key={state} url={shopsAddress({ vendor: id, state })}>
            <Badge tone={STATE_TONES[state]}>
              {t('support.fleet.stateCount', {
                state: t(`support.state.${state}`),
                formatted: number(states[state]),
              })}
            </Badge>
          </Link>
        ))}
      </InlineStack>
      {restsUntil && (
        <Text as="p" tone="critical">
          {t('support.fleet.rests', { time: time(restsUntil) })}
        </Text>
      )}
      <InlineStack gap="300">
        <Link url={shopsAddress({ vendor: id, sort: 'waiting' })}>
          {t('support.fleet.figure.waiting', { count: waiting, formatted: number(waiting) })}
        </Link>
        {oldestWaiting && (
          <Link url={shopsAddress({ vendor: id, sort: 'oldest' })}>
            {t('support.fleet.figure.oldest', { time: time(oldestWaiting) })}
          </Link>
        )}
        <Link url={shopsAddress({ vendor: id, state: 'held' })}>
          {t('support.fleet.figure.held', { count: heldBySupport, formatted: number(heldBySupport) })}
        </Link>
        {heldOtherwise > 0 && (
          <Text as="span">
            {t('support.fleet.figure.heldOtherwise', {
              count: heldOtherwise,
              formatted: number(heldOtherwise),
            })}
          </Text>
        )}
        <Link url={shopsAddress({ vendor: id })}>
          {t('support.fleet.figure.delivered', { formatted: number(delivered) })}
        </Link>
        <Link url={shopsAddress({ vendor: id, sort: 'failed' })}>
          {t('support.fleet.figure.failed', { formatted: number(failed) })}
        </Link>
      </InlineStack>
      {mayAct && (
        <InlineStack gap="200">
          {(['hold', 'release'] as const).map(kind => (
            <Button
              key={kind}
              url={`/support/fleet?kind=${kind}&vendor=${id}`}
              accessibilityLabel={t(`support.fleet.ask.${kind}`, { vendor: name })}
            >
              {t(`support.fleet.kind.${kind}`)}
            </Button>
          ))}
        </InlineStack>
      )}
    </BlockStack>
  )
}
