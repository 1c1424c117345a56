/** The set-up guide: what is done is found out by itself, and the first step that is not is open. */
import { useFetcher } from '@remix-run/react'
import {
  Badge,
  Banner,
  BlockStack,
  Box,
  Button,
  Card,
  Collapsible,
  Divider,
  InlineStack,
  ProgressBar,
  Text,
} from '@shopify/polaris'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Guide as GuideState, SentTest, StepName } from '../../runtime/merchant-home.ts'
import type { Unanswered } from '../answered.ts'
import { isNowhere } from '../focus.ts'
import { useTrouble } from '../trouble.ts'
import { NotDone, useAnswer } from '../unanswered.tsx'
import { AT_KEY } from '../vendors/key-field.tsx'
import { useWatch } from '../watch.ts'
import { type TestAnswer, TestEvent, Tested } from './test-event.tsx'
import { useFormats } from './words.ts'

/** What the guide's buttons came to. */
export type GuideAnswer = { kind: 'pixel'; trouble: string | null } | TestAnswer | { kind: 'dismissed' }

type Props = { guide: GuideState; steps: readonly StepName[] }
/** `sent`: the last one since the page was opened. */
type Test = { sent: SentTest | null; open(): void }

/** The dialog of the test is beside the steps: sending one may end the last of them. */
export function Guide(props: Props) {
  const [sent, setSent] = useState<SentTest | null>(null)
  const [testing, setTesting] = useState(false)
  return (
    <>
      <Steps {...props} test={{ sent, open: () => setTesting(true) }} />
      {testing && (
        <TestEvent
          onClose={() => setTesting(false)}
          onSent={answer => {
            setSent(answer)
            setTesting(false)
          }}
        />
      )}
    </>
  )
}

function Steps({ guide, steps, test }: Props & { test: Test }) {
  const { t } = useTranslation()
  const { number } = useFormats()
  const fetcher = useFetcher<GuideAnswer | Unanswered>()
  useAnswer(fetcher)
  const done = steps.filter(step => guide.done[step]).length
  const next = steps.find(step => !guide.done[step]) ?? null
  const [opened, setOpened] = useState<StepName | null>(next)
  useWatch(next !== null)
  const came = useRef(next)
  // A test that fails undoes the first step: the step that it was sent from stays open.
  useEffect(() => {
    setOpened(before => (before && next && steps.indexOf(next) < steps.indexOf(before) ? before : next))
    const isNext = came.current !== next
    came.current = next
    // The button of what was done is gone, and the focus with it. What ends by itself scrolls nobody away from what they read.
    if (isNext && next && isNowhere()) document.getElementById(toggleOf(next))?.focus({ preventScroll: true })
  }, [next, steps])
  const { sent } = test
  if (next === null) {
    // What a tool refused comes first: that all is done is told when the page is opened again.
    if (sent && sent.refused.length > 0) return <Tested sent={sent} />
    const see = sent
      ? { content: t('home.guide.test.see'), url: `/app/activity/${sent.eventId}` }
      : guide.first && { content: t('home.guide.first.see'), url: `/app/activity/${guide.first.eventId}` }
    return (
      <Banner
        tone="success"
        title={t('home.guide.allDone')}
        action={{
          content: t('home.guide.dismiss'),
          loading: fetcher.state !== 'idle',
          onAction: () => fetcher.submit({ intent: 'dismiss' }, { method: 'post', action: '/app?index' }),
        }}
        {...(see && { secondaryAction: see })}
      >
        {sent && (
          <BlockStack gap="200">
            <Text as="p">{t('home.guide.test.sent')}</Text>
            <Text as="p">{t('home.guide.test.underway')}</Text>
          </BlockStack>
        )}
      </Banner>
    )
  }
  return (
    <Card>
      <BlockStack gap="300">
        <BlockStack gap="200">
          <Text as="h2" variant="headingMd">
            {t('home.guide.title')}
          </Text>
          <Text as="p" tone="subdued" id="guide-progress">
            {t('home.guide.progress', { done: number(done), total: number(steps.length) })}
          </Text>
          <ProgressBar progress={(done / steps.length) * 100} size="small" ariaLabelledBy="guide-progress" />
        </BlockStack>
        {/* Not in its step, which closes once it is done. */}
        <div aria-live="polite">{sent && <Tested sent={sent} />}</div>
        {steps.map(step => (
          <BlockStack key={step} gap="300">
            <Divider />
            <Step
              step={step}
              guide={guide}
              test={test}
              open={opened === step}
              onToggle={() => setOpened(before => (before === step ? null : step))}
            />
          </BlockStack>
        ))}
      </BlockStack>
    </Card>
  )
}

const toggleOf = (step: StepName) => `guide-step-${step}`

type StepProps = { step: StepName; guide: GuideState; test: Test; open: boolean; onToggle(): void }

function Step({ step, guide, test, open, onToggle }: StepProps) {
  const { t } = useTranslation()
  const done = guide.done[step]
  return (
    <BlockStack gap="200">
      <InlineStack align="space-between" blockAlign="center" gap="200" wrap={false}>
        <Button
          id={toggleOf(step)}
          variant="monochromePlain"
          textAlign="left"
          disclosure={open ? 'up' : 'down'}
          ariaExpanded={open}
          ariaControls={`guide-${step}`}
          onClick={onToggle}
        >
          {t(`home.guide.${step}.title`)}
        </Button>
        <Badge tone={done ? 'success' : undefined} progress={done ? 'complete' : 'incomplete'}>
          {t(done ? 'home.guide.done' : 'home.guide.toDo')}
        </Badge>
      </InlineStack>
      <Collapsible id={`guide-${step}`} open={open}>
        <Box maxWidth="40rem">
          <BlockStack gap="300">
            {(step !== 'first' || !done) && <Text as="p">{t(`home.guide.${step}.help`)}</Text>}
            <Do step={step} guide={guide} test={test} />
          </BlockStack>
        </Box>
      </Collapsible>
    </BlockStack>
  )
}

/** The one thing to do for a step. */
function Do({ step, guide, test }: Pick<StepProps, 'step' | 'guide' | 'test'>) {
  const { t } = useTranslation()
  const done = guide.done[step]
  const look = done ? {} : { variant: 'primary' as const }
  switch (step) {
    case 'connect':
      return (
        <InlineStack>
          {guide.toCorrect ? (
            <Button
              url={`/app/vendors/${guide.toCorrect.id}${guide.toCorrect.atKey ? AT_KEY : ''}`}
              {...look}
            >
              {t(guide.toCorrect.atKey ? 'home.attention.toKey' : 'vendors.openNamed', guide.toCorrect)}
            </Button>
          ) : (
            <Button url="/app/vendors" {...look}>
              {t('home.guide.connect.button')}
            </Button>
          )}
        </InlineStack>
      )
    case 'embed':
      return (
        <InlineStack gap="300" blockAlign="center">
          <Button url={guide.editorUrl} target="_blank" {...look}>
            {t('home.guide.embed.button')}
          </Button>
          {!done && (
            <Button url={guide.storefrontUrl} target="_blank" variant="plain">
              {t('home.guide.store')}
            </Button>
          )}
        </InlineStack>
      )
    case 'pixel':
      return <Activate guide={guide} />
    case 'test':
      return <SendTest guide={guide} test={test} />
    case 'first':
      return guide.first ? (
        <InlineStack gap="300" blockAlign="center">
          <Text as="p">{t('home.guide.first.reached', { tool: guide.first.tool })}</Text>
          <Button url={`/app/activity/${guide.first.eventId}`}>{t('home.guide.first.see')}</Button>
        </InlineStack>
      ) : (
        <BlockStack gap="200">
          {guide.waits && <Text as="p">{t('home.guide.first.waits')}</Text>}
          <InlineStack gap="300" blockAlign="center">
            <Button url={guide.storefrontUrl} target="_blank" {...look}>
              {t('home.guide.store')}
            </Button>
            {guide.waits && (
              <Button url="/app/activity?outcome=for_visitor" variant="plain">
                {t('home.guide.first.seeWaiting')}
              </Button>
            )}
          </InlineStack>
        </BlockStack>
      )
  }
}

function Activate({ guide }: { guide: GuideState }) {
  const { t } = useTranslation()
  const trouble = useTrouble()
  const fetcher = useFetcher<GuideAnswer | Unanswered>()
  const unanswered = useAnswer(fetcher)
  if (guide.done.pixel) return null
  return (
    <BlockStack gap="200">
      <div aria-live="polite">{unanswered && <NotDone answer={unanswered} />}</div>
      {guide.pixelTrouble && <Banner tone="warning">{trouble(guide.pixelTrouble)}</Banner>}
      <InlineStack>
        <Button
          variant="primary"
          loading={fetcher.state !== 'idle'}
          onClick={() => fetcher.submit({ intent: 'pixel' }, { method: 'post', action: '/app?index' })}
        >
          {t('home.guide.pixel.button')}
        </Button>
      </InlineStack>
    </BlockStack>
  )
}

function SendTest({ guide, test }: { guide: GuideState; test: Test }) {
  const { t } = useTranslation()
  if (!guide.connected) return <Text as="p">{t('home.guide.test.needs')}</Text>
  return (
    <InlineStack>
      <Button {...(!guide.done.test && { variant: 'primary' })} onClick={test.open}>
        {t('home.guide.test.button')}
      </Button>
    </InlineStack>
  )
}
