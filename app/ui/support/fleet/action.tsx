/** One hold or release of many shops: how far each of its steps is, who began it and why; and stopping it. */
import { Badge, BlockStack, Button, InlineStack, Link, ProgressBar, Text } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import type { ShownAction } from '../../../runtime/support-fleet.ts'
import { Part } from '../../part.tsx'
import { useTime } from '../../times.ts'
import { useNumber } from '../number.ts'
import { shopsAddress } from '../shops/words.ts'
import { type Answer, Refusal } from './refusal.tsx'
import { type Step, stepsOf } from './steps.ts'
import { useWhich } from './which.ts'
import { useWho } from './who.ts'
import { ACTION_TONES } from './words.ts'

type Props = {
  action: ShownAction
  mayAct: boolean
  busy: boolean
  answer: Answer | null
  turn(change: 'stop' | 'resume'): void
}

export function Progress({ action, mayAct, busy, answer, turn }: Props) {
  const { t } = useTranslation()
  const number = useNumber()
  const { id, kind, state, done, changed } = action
  const left = done - changed
  const counts = (count: number) => ({ count, formatted: number(count) })
  return (
    <Part title={t('support.fleet.progress')}>
      <InlineStack>
        <Badge tone={ACTION_TONES[state]}>{t(`support.fleet.actionState.${state}`)}</Badge>
      </InlineStack>
      <BlockStack as="ol" gap="300">
        {stepsOf(action).map(step => (
          <li key={step.name} style={{ listStyle: 'none' }}>
            <StepBar step={step} action={action} />
          </li>
        ))}
      </BlockStack>
      <BlockStack gap="100">
        <Text as="p">
          <Link url={`/support/audit?fleet=${id}`}>
            {t(`support.fleet.changed.${kind}`, counts(changed))}
          </Link>
        </Text>
        {left > 0 && <Text as="p">{t('support.fleet.left', counts(left))}</Text>}
        {state === 'stopped' && <Text as="p">{t('support.fleet.stopped')}</Text>}
      </BlockStack>
      <Refusal answer={answer} />
      {mayAct && state !== 'done' && (
        <InlineStack>
          <Button loading={busy} onClick={() => turn(state === 'running' ? 'stop' : 'resume')}>
            {t(state === 'running' ? 'support.fleet.stop' : 'support.fleet.resume')}
          </Button>
        </InlineStack>
      )}
    </Part>
  )
}

function StepBar({ step, action: { kind, state } }: { step: Step; action: ShownAction }) {
  const { t } = useTranslation()
  const number = useNumber()
  const { name, done, total, percent } = step
  const id = `fleet-${name}`
  return (
    <BlockStack gap="100">
      <InlineStack align="space-between" gap="200">
        <Text as="h3" variant="headingSm" id={id}>
          {t(`support.fleet.step.${name}.${kind}`)}
        </Text>
        <Text as="span" tone="subdued">
          {total === null
            ? t('support.fleet.step.notYet')
            : total === 0
              ? t('support.fleet.step.none')
              : t('support.fleet.step.of', { done: number(done), total: number(total) })}
        </Text>
      </InlineStack>
      <ProgressBar
        progress={percent}
        size="small"
        tone={state === 'stopped' ? 'highlight' : 'primary'}
        ariaLabelledBy={id}
        animated={false}
      />
    </BlockStack>
  )
}

export function About({ action }: { action: ShownAction }) {
  const { t } = useTranslation()
  const time = useTime()
  const which = useWhich()
  const who = useWho()
  const { id, kind, vendor, reason, finishedAt, until } = action
  const lines = [
    t('support.fleet.why', { reason }),
    which(action),
    ...who(action),
    ...(until ? [t('support.fleet.endsAt', { time: time(until) })] : []),
    ...(finishedAt ? [t('support.fleet.finished', { time: time(finishedAt) })] : []),
  ]
  return (
    <Part title={t('support.fleet.about')}>
      <BlockStack gap="100">
        {lines.map(line => (
          <Text key={line} as="p" breakWord>
            {line}
          </Text>
        ))}
        <InlineStack gap="400">
          <Link url={`/support/audit?fleet=${id}`}>{t('support.fleet.auditLink')}</Link>
          <Link url={shopsAddress({ vendor, ...(kind === 'hold' && { state: 'held' }) })}>
            {t(`support.fleet.shopsNow.${kind}`)}
          </Link>
        </InlineStack>
      </BlockStack>
    </Part>
  )
}
