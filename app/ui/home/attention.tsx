/** What needs the merchant: a sentence each, and the button that mends it. */
import { useFetcher } from '@remix-run/react'
import { Badge, BlockStack, Box, Button, Card, Divider, InlineStack, Text } from '@shopify/polaris'
import { Fragment } from 'react'
import { useTranslation } from 'react-i18next'
import type { Attention } from '../../runtime/merchant-home.ts'
import type { Unanswered } from '../answered.ts'
import { MOST_FAILED } from '../counted.ts'
import { useSay } from '../i18n.ts'
import { useTime } from '../times.ts'
import { useTrouble } from '../trouble.ts'
import { useAnswer } from '../unanswered.tsx'
import { WhomToAsk } from '../vendors/held.tsx'
import { AT_KEY } from '../vendors/key-field.tsx'
import { type TestSaved, useTestSaved } from '../vendors/test-saved.ts'
import type { GuideAnswer } from './guide.tsx'
import { useFormats } from './words.ts'

type Props = { items: Attention[]; from: string; editorUrl: string; anything: boolean; guided: boolean }

const CRITICAL: readonly Attention['kind'][] = ['access', 'stopped', 'refused', 'failed']

/**
 * @param anything whether something is connected: else there is nothing that could be well
 * @param guided whether the guide still has something to do
 */
export function NeedsAttention({ items, from, editorUrl, anything, guided }: Props) {
  const { t } = useTranslation()
  const tests = useTestSaved()
  if (items.length === 0 && !anything) return null
  return (
    <Card>
      <BlockStack gap="300">
        <InlineStack gap="200" blockAlign="center">
          <Text as="h2" variant="headingMd">
            {t('home.attention.title')}
          </Text>
          {items.length > 0 && (
            <Badge tone={items.some(isCritical) ? 'critical' : 'attention'}>{String(items.length)}</Badge>
          )}
        </InlineStack>
        {items.length === 0 && (
          <Text as="p">{t(guided ? 'home.attention.noneYet' : 'home.attention.none')}</Text>
        )}
        {items.map((item, index) => (
          <Fragment key={`${item.kind} ${'id' in item ? item.id : ''}`}>
            {index > 0 && <Divider />}
            <Line {...{ item, from, editorUrl, tests }} />
          </Fragment>
        ))}
      </BlockStack>
    </Card>
  )
}

const isCritical = ({ kind }: Attention) => CRITICAL.includes(kind)

type Failed = Extract<Attention, { kind: 'failed' }>

type LineProps = Pick<Props, 'from' | 'editorUrl'> & { item: Attention; tests: TestSaved }

function Line(props: LineProps) {
  const { item } = props
  const sentences = useSentences()(item)
  return (
    <InlineStack align="space-between" blockAlign="center" gap="200">
      <Box maxWidth="36rem">
        {sentences.map(sentence => (
          <Text key={sentence} as="p" breakWord tone={isCritical(item) ? 'critical' : undefined}>
            {sentence}
          </Text>
        ))}
        {item.kind === 'held' && <WhomToAsk />}
      </Box>
      <Mend {...props} />
    </InlineStack>
  )
}

/** Each a line of its own: what people and tools wrote need not end like a sentence. */
function useSentences(): (item: Attention) => string[] {
  const { t } = useTranslation()
  const { counted, ago, clock } = useFormats()
  const say = useSay()
  const trouble = useTrouble()
  const time = useTime()
  const ofHeld = (held: number) =>
    held === 0 ? [] : [t('home.attention.held', { count: held, number: counted(held) })]
  const ofFailed = ({ name, count, arrived }: Failed) => {
    const told = { name, count, number: counted(count, MOST_FAILED) }
    if (arrived === count && count <= MOST_FAILED) return [t('home.attention.allArrived', told)]
    const failed = t('home.attention.failed', told)
    // Where not all that failed is counted, at least so many.
    const number = `${counted(arrived, MOST_FAILED)}${count > MOST_FAILED && arrived <= MOST_FAILED ? '+' : ''}`
    return arrived === 0 ? [failed] : [failed, t('home.attention.arrived', { count: arrived, number, name })]
  }
  return item => {
    switch (item.kind) {
      case 'stopped':
        return [t('home.attention.stopped', { name: item.name, why: say(item.why) }), ...ofHeld(item.held)]
      case 'held': {
        const { name, reason, held } = item
        const since = time(item.since)
        const ends = item.until
          ? t('vendors.held.until', { since, until: time(item.until) })
          : t('vendors.held.since', { since })
        return [
          t('vendors.held.title', { name }),
          t('vendors.held.reason', { reason }),
          ends,
          ...ofHeld(held),
        ]
      }
      case 'refused':
        return [t('home.attention.refused', { name: item.name, why: say(item.why) })]
      case 'untested':
        return [t('home.attention.untested', item)]
      case 'failed':
        return ofFailed(item)
      case 'late':
        return [t('home.attention.late', { ...item, number: counted(item.count), ago: ago(item.received) })]
      case 'rests':
        return [
          item.over
            ? t('home.attention.restsOver', { name: item.name, why: say(item.why) })
            : t('home.attention.rests', { name: item.name, why: say(item.why), time: clock(item.until) }),
        ]
      case 'paused': {
        const paused = t('home.attention.paused', { name: item.name, time: clock(item.until) })
        return [paused, ...(item.why === null ? [] : [t('vendors.why.because', { why: say(item.why) })])]
      }
      case 'off':
        return [t('home.attention.off', { name: item.name, count: item.held, number: counted(item.held) })]
      case 'embedSilent':
        return [
          item.since
            ? t('home.attention.embedSilent', { ago: ago(item.since) })
            : t('home.attention.embedNever'),
        ]
      case 'pixel':
        return [item.trouble ? trouble(item.trouble) : t('home.attention.pixel')]
      case 'access':
        return [trouble(item.trouble)]
    }
  }
}

/** What cannot be mended here, because Shopify has to be asked for it, has no button: its sentence says what to do. */
function Mend({ item, from, editorUrl, tests }: LineProps) {
  const { t } = useTranslation()
  const fetcher = useFetcher<GuideAnswer | Unanswered>()
  useAnswer(fetcher)
  switch (item.kind) {
    case 'access':
      return null
    case 'failed': {
      const asked = new URLSearchParams({ vendor: item.id, outcome: 'failed', since: from })
      return <Button url={`/app/activity?${asked}`}>{t('home.attention.show')}</Button>
    }
    case 'late': {
      const asked = new URLSearchParams({ vendor: item.id, outcome: 'to_send' })
      return <Button url={`/app/activity?${asked}`}>{t('home.attention.showWaiting')}</Button>
    }
    case 'embedSilent':
      return (
        <Button url={editorUrl} target="_blank">
          {t('home.guide.embed.button')}
        </Button>
      )
    case 'untested':
      return (
        <Button
          onClick={() => tests.test(item)}
          loading={tests.testing === item.id}
          disabled={tests.testing !== null}
        >
          {t('vendors.testNamed', { name: item.name })}
        </Button>
      )
    case 'pixel':
      return (
        <Button
          loading={fetcher.state !== 'idle'}
          onClick={() => fetcher.submit({ intent: 'pixel' }, { method: 'post', action: '/app?index' })}
        >
          {t('home.guide.pixel.button')}
        </Button>
      )
    case 'stopped':
    case 'refused':
      if (item.atKey)
        return (
          <Button url={`/app/vendors/${item.id}${AT_KEY}`}>
            {t('home.attention.toKey', { name: item.name })}
          </Button>
        )
  }
  return <Button url={`/app/vendors/${item.id}`}>{t('vendors.openNamed', { name: item.name })}</Button>
}
