/** Seals anew, step by step: each step is a request of the page, so leaving it stops after the present one. */
import { useFetcher } from '@remix-run/react'
import { Banner, BlockStack, Button, InlineStack, ProgressBar, Text } from '@shopify/polaris'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { KeysRotated, KeyUse } from '../../../runtime/support-keys.ts'
import { useNumber } from '../../accuracy/words.ts'
import { Part } from '../../part.tsx'
import { useToldOnce } from '../../told-once.ts'
import { useTellLeft } from './left.ts'
import { LostValues } from './lost.tsx'
import { leftToSeal } from './words.ts'

export type RotateAnswer = KeysRotated | { kind: 'failed' }
type Step = Extract<KeysRotated, { kind: 'step' }>
/** `uses`: null: not counted. */
type Props = { first: string; uses: readonly KeyUse[] | null; onThrough(): void }

export function Rotate({ first, uses, onThrough }: Props) {
  const { t } = useTranslation()
  const number = useNumber()
  const fetcher = useFetcher<RotateAnswer>()
  const [last, setLast] = useState<Step | null>(null)
  const [trouble, setTrouble] = useState<'failed' | 'otherwise' | null>(null)
  const left = uses && leftToSeal(uses, first)
  /** Of which the progress is a share: what was left when it began. */
  const [total, setTotal] = useState<number | null>(null)
  const step = (going: string | null) => {
    setTrouble(null)
    fetcher.submit({ intent: 'rotate', ...(going !== null && { going }) }, { method: 'post' })
  }
  useToldOnce(fetcher, answer => {
    if (answer.kind !== 'step') return setTrouble(answer.kind)
    setLast(answer)
    if (answer.going === null) onThrough()
    else step(answer.going)
  })
  const isOn = fetcher.state !== 'idle' || (last !== null && last.going !== null && trouble === null)
  const canGoOn = trouble === 'failed' && last !== null && last.going !== null
  useTellLeft(isOn || canGoOn ? (last?.going ?? null) : undefined)
  const begin = () => {
    setLast(null)
    setTotal(left?.values ?? null)
    step(null)
  }
  const done = (last?.sealed ?? 0) + (last?.unreadable ?? 0)
  return (
    <Part title={t('support.keys.rotate.title')}>
      <BlockStack gap="300">
        <Text as="p">
          {left?.all === 0 && !last
            ? t('support.keys.rotate.nothing', { first })
            : t('support.keys.rotate.help', { first })}
        </Text>
        {isOn && total !== null && total > 0 && (
          <ProgressBar
            progress={Math.min(100, (100 * done) / total)}
            size="small"
            ariaLabelledBy="keys-progress"
          />
        )}
        <span id="keys-progress" hidden>
          {t('support.keys.rotate.progress')}
        </span>
        <output>
          {last && (
            <Text as="p">
              {t(last.going === null ? 'support.keys.rotate.done' : 'support.keys.rotate.so', {
                count: last.sealed,
                number: number(last.sealed),
              })}
            </Text>
          )}
          {last && last.unreadable > 0 && (
            <Text as="p">
              {t('support.keys.rotate.unreadable', {
                count: last.unreadable,
                number: number(last.unreadable),
              })}
            </Text>
          )}
          {last && last.lost.length > 0 && <LostValues lost={last.lost} />}
          {isOn && (
            <Text as="p" tone="subdued">
              {t('support.keys.rotate.running')}
            </Text>
          )}
        </output>
        <div role="alert">
          {trouble && (
            <Banner tone="critical">
              <p>{t(`support.keys.rotate.${trouble}`)}</p>
            </Banner>
          )}
        </div>
        <InlineStack>
          {canGoOn ? (
            <Button variant="primary" onClick={() => step(last.going)}>
              {t('support.keys.rotate.goOn')}
            </Button>
          ) : (
            <Button variant="primary" loading={isOn} disabled={left?.all === 0} onClick={begin}>
              {t('support.keys.rotate.start', { first })}
            </Button>
          )}
        </InlineStack>
      </BlockStack>
    </Part>
  )
}
