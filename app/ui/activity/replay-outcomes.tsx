import { useFetcher } from '@remix-run/react'
import { BlockStack, InlineStack, ProgressBar, Spinner, Text } from '@shopify/polaris'
import { useEffect, useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ReplayOutcomes as Outcomes } from '../../runtime/merchant-activity.ts'
import { MOST_COUNTED } from '../counted.ts'
import { useOnce, useToldOnce } from '../told-once.ts'
import { useBecame } from './became.ts'
import { actionAt } from './words.ts'

/** A few are through in a second. */
const LOOK_EVERY_MS = { few: 1_000, many: 3_000 }
const FEW = 50
const OPEN = ['waiting', 'held', 'forVisitor'] as const
/** What may end at any moment: what is held, or waits for its person, may stay so for days. */
const SOON = 'waiting'

/** How much of it has ended, in percent. Null: nothing was sent, or more than is counted: shares of numbers that are cut off would be wrong. */
export function progressOf(outcomes: Outcomes): number | null {
  const all = sumOf(outcomes)
  if (all === 0 || Object.values(outcomes).some(count => count > MOST_COUNTED)) return null
  return Math.floor(((all - outcomes[SOON]) / all) * 100)
}

const sumOf = (outcomes: Outcomes) => Object.values(outcomes).reduce((sum, count) => sum + count, 0)

type Props = {
  /** The list's own address. */
  at: string
  replayId: string
  /** What was sent again had been skipped before. */
  again: boolean
  inDialog?: boolean
}

/** Tells what has become of what was sent again, until nothing of it is on its way any more. An answer that does not come is asked for anew. */
export function ReplayOutcomes({ at, replayId, again, inDialog = false }: Props) {
  const { t } = useTranslation()
  const became = useBecame()
  const fetcher = useFetcher<{ outcomes: Outcomes } | { broken: 'outcomes' }>()
  const [outcomes, setOutcomes] = useState<Outcomes | null>(null)
  const { state, submit } = fetcher
  const look = () =>
    submit({ intent: 'outcomes', replay: replayId }, { method: 'post', action: actionAt(at) })
  const ended = outcomes !== null && OPEN.every(kind => outcomes[kind] === 0)
  const staysSo = outcomes !== null && outcomes[SOON] === 0
  const all = outcomes === null ? 0 : sumOf(outcomes)
  const progress = outcomes === null || staysSo ? null : progressOf(outcomes)
  const labelled = useId()
  useOnce(look)
  useToldOnce(fetcher, data => {
    if ('outcomes' in data) setOutcomes(data.outcomes)
  })
  useEffect(() => {
    if (staysSo || state !== 'idle') return
    const timer = setInterval(
      () => {
        if (document.visibilityState === 'visible') look()
      },
      LOOK_EVERY_MS[all > FEW ? 'many' : 'few'],
    )
    return () => clearInterval(timer)
  })
  return (
    <BlockStack gap="200">
      {progress !== null && <ProgressBar progress={progress} size="small" ariaLabelledBy={labelled} />}
      <InlineStack gap="200" blockAlign="center" wrap={false}>
        {!staysSo && <Spinner size="small" accessibilityLabel={t('activity.replay.became.looking')} />}
        <output id={labelled}>{outcomes && became(outcomes, { again })}</output>
      </InlineStack>
      {inDialog && !ended && (
        <Text as="p" tone="subdued">
          {t('activity.replay.became.later')}
        </Text>
      )}
    </BlockStack>
  )
}
