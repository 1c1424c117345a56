/** What support did to the shop, the newest first. */
import { BlockStack, Divider, InlineStack, Link, Text } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import type { ToldDeed } from '../../runtime/merchant-support.ts'
import type { ToldReplay } from '../../runtime/told-replay.ts'
import { AskedFor } from '../activity/asked.tsx'
import { LATELY } from '../activity/words.ts'
import { useFormats } from '../home/words.ts'
import { Part } from '../part.tsx'
import { useTime } from '../times.ts'

export function Deeds({ deeds }: { deeds: readonly ToldDeed[] }) {
  const { t } = useTranslation()
  return (
    <Part title={t('deeds.list')}>
      <BlockStack as="ul" gap="300">
        {deeds.map((deed, place) => (
          <li key={deed.id} style={{ listStyle: 'none' }}>
            <BlockStack gap="300">
              {place > 0 && <Divider />}
              <Deed deed={deed} />
            </BlockStack>
          </li>
        ))}
      </BlockStack>
    </Part>
  )
}

function Deed({ deed: { at, what, vendor, reason, event, replay } }: { deed: ToldDeed }) {
  const { t } = useTranslation()
  const time = useTime()
  return (
    <BlockStack gap="100">
      <InlineStack gap="200" align="space-between" blockAlign="center">
        <Text as="h3" variant="headingSm">
          {vendor === null
            ? t(`deeds.what.${what}`)
            : t('deeds.at', { what: t(`deeds.what.${what}`), vendor })}
        </Text>
        <Text as="span" tone="subdued">
          <time dateTime={at}>{time(at)}</time>
        </Text>
      </InlineStack>
      {replay && <SentAgain replay={replay} />}
      {reason && (
        <Text as="p" breakWord>
          {t('deeds.why', { reason })}
        </Text>
      )}
      {event && (
        <Text as="p">
          <Link url={`/app/activity/${event}`}>{t('deeds.event')}</Link>
        </Text>
      )}
    </BlockStack>
  )
}

/** How many deliveries, what they were before and came to by it, and by what they were chosen. */
function SentAgain({ replay: { from, done, chosen } }: { replay: ToldReplay }) {
  const { t } = useTranslation()
  const { number } = useFormats()
  const { zone = null, person, partlyRejected, replayId, ...texts } = chosen
  const became = [
    ['waiting', done ? done.count - done.held : 0],
    ['held', done?.held ?? 0],
  ] as const
  const after = became.flatMap(([outcome, count]) =>
    count > 0 ? `${t(`activity.outcome.${outcome}`)} (${number(count)})` : [],
  )
  const before = from === null ? [] : [t(`activity.outcome.${from}`)]
  const changed = [before.join(), after.join(', ')].filter(Boolean).join(' → ')
  return (
    <BlockStack gap="100">
      {done && (
        <Text as="p">
          {`${t('activity.replays.count', { count: done.count, number: number(done.count) })} ${changed}`}
        </Text>
      )}
      <AskedFor
        vendors={[]}
        days={zone}
        texts={{
          ...texts,
          lately: LATELY.find(each => each === texts.lately),
          ...(person && { person: 'on' }),
          ...(partlyRejected && { partly: 'on' }),
          ...(replayId && { replay: replayId }),
        }}
      />
    </BlockStack>
  )
}
