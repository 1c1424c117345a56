import { BlockStack, List, Text } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import type { SyncsPage } from '../../runtime/merchant-preview.ts'
import { useWord } from '../activity/words.ts'
import { useSay } from '../i18n.ts'
import { Part } from '../part.tsx'

/** What is never sent, how fast the rest goes, and what becomes of a person who asks to be erased. */
export function Around({
  page: { name, never, limits, batch, cannotForget },
}: {
  page: Pick<SyncsPage, 'name' | 'never' | 'limits' | 'batch' | 'cannotForget'>
}) {
  const { t, i18n } = useTranslation()
  const word = useWord()
  const say = useSay()
  const number = new Intl.NumberFormat(i18n.language)
  const time = (seconds: number) => inWords(i18n.language, seconds)
  return (
    <BlockStack gap="400">
      <Part title={t('syncs.never')}>
        {never.length === 0 ? (
          <Text as="p">{t('syncs.neverNone', { name })}</Text>
        ) : (
          <List>
            {never.map(type => (
              <List.Item key={type}>{word('type', type) ?? type}</List.Item>
            ))}
          </List>
        )}
      </Part>
      <Part title={t('syncs.limits')}>
        <List>
          {limits.map(({ scope, requests, windowSeconds, assumed }) => (
            <List.Item key={scope}>
              {t('syncs.limit', { number: number.format(requests), time: time(windowSeconds) })}{' '}
              {t(`syncs.scope.${scope}`)}.{assumed && ` ${t('syncs.assumed', { name })}`}
            </List.Item>
          ))}
          <List.Item>{t('syncs.batch', { count: batch, number: number.format(batch) })}</List.Item>
        </List>
        <Text as="p">{t('syncs.later')}</Text>
      </Part>
      <Part title={t('syncs.erase')}>
        <Text as="p">{t('syncs.erased', { name })}</Text>
        {cannotForget !== null && <Text as="p">{say(cannotForget)}</Text>}
      </Part>
    </BlockStack>
  )
}

const HOUR = 3600
const MINUTE = 60

/** As it stands behind "in", which languages with cases inflect. */
export function inWords(language: string, seconds: number): string {
  const [unit, size] =
    seconds % HOUR === 0
      ? (['hour', HOUR] as const)
      : seconds % MINUTE === 0
        ? (['minute', MINUTE] as const)
        : (['second', 1] as const)
  const parts = new Intl.RelativeTimeFormat(language).formatToParts(seconds / size, unit)
  const number = parts.findIndex(({ type }) => type !== 'literal')
  return parts
    .slice(number)
    .map(({ value }) => value)
    .join('')
}
