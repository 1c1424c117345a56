/** The hold that stands while somebody is about to hold once more: it is replaced by who says so. Or the one that is there now, for a release. */
import { Banner, BlockStack, Checkbox, Text } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import type { ShownStanding } from '../../../runtime/support-shop.ts'
import { useTime } from '../../times.ts'

type Props = {
  hold: ShownStanding
  title: 'title' | 'changed'
  choice?: { replace: boolean; change(replace: boolean): void }
}

export function Standing({ hold: { by, reason, since, until }, title, choice }: Props) {
  const { t } = useTranslation()
  const time = useTime()
  const lines = [
    t('support.shop.standing.reason', { reason }),
    t('support.shop.standing.since', { time: time(since) }),
    ...(by === null ? [] : [t('support.shop.standing.by', { by })]),
    until === null
      ? t('support.shop.standing.open')
      : t('support.shop.standing.until', { time: time(until) }),
  ]
  return (
    <Banner tone="warning" title={t(`support.shop.standing.${title}`)}>
      <BlockStack gap="100">
        {lines.map(line => (
          <Text key={line} as="p" breakWord>
            {line}
          </Text>
        ))}
        {choice && (
          <Checkbox
            label={t('support.shop.standing.replace')}
            helpText={t('support.shop.standing.replaceHelp')}
            checked={choice.replace}
            onChange={choice.change}
          />
        )}
      </BlockStack>
    </Banner>
  )
}
