/** Holds and releases of many shops, the newest first. */
import { Badge, BlockStack, Divider, InlineStack, Link, Text } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import type { ShownAction } from '../../../runtime/support-fleet.ts'
import { Part } from '../../part.tsx'
import { useNumber } from '../number.ts'
import { useWhich } from './which.ts'
import { useWho } from './who.ts'
import { ACTION_TONES } from './words.ts'

export function Actions({ actions }: { actions: ShownAction[] }) {
  const { t } = useTranslation()
  return (
    <Part title={t('support.fleet.actions')}>
      {actions.length === 0 ? (
        <Text as="p" tone="subdued">
          {t('support.fleet.noActions')}
        </Text>
      ) : (
        <BlockStack as="ul" gap="300">
          {actions.map((action, place) => (
            <li key={action.id} style={{ listStyle: 'none' }}>
              <BlockStack gap="300">
                {place > 0 && <Divider />}
                <Row action={action} />
              </BlockStack>
            </li>
          ))}
        </BlockStack>
      )}
    </Part>
  )
}

function Row({ action }: { action: ShownAction }) {
  const { t } = useTranslation()
  const number = useNumber()
  const which = useWhich()
  const who = useWho()
  const { id, kind, vendorName, state, done, total, reason } = action
  return (
    <BlockStack gap="100">
      <InlineStack gap="200" blockAlign="center">
        <Link url={`/support/fleet/${id}`}>
          {t(`support.fleet.actionTitle.${kind}`, { vendor: vendorName })}
        </Link>
        <Badge tone={ACTION_TONES[state]}>{t(`support.fleet.actionState.${state}`)}</Badge>
        <Text as="span" tone="subdued">
          {t('support.fleet.seenTo', { done: number(done), total: number(total) })}
        </Text>
      </InlineStack>
      <Text as="p" breakWord>
        {reason}
      </Text>
      <Text as="p" breakWord>
        {which(action)}
      </Text>
      {who(action).map(line => (
        <Text key={line} as="p" tone="subdued" breakWord>
          {line}
        </Text>
      ))}
    </BlockStack>
  )
}
