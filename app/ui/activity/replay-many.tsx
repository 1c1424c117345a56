import { useFetcher } from '@remix-run/react'
import { useAppBridge } from '@shopify/app-bridge-react'
import {
  Banner,
  BlockStack,
  Box,
  Checkbox,
  Modal,
  ProgressBar,
  Select,
  Spinner,
  Text,
} from '@shopify/polaris'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ReplayCount, ReplayProgress } from '../../runtime/merchant-activity.ts'
import type { SearchTexts } from './words.ts'

export const WHICH = ['failed', 'skipped', 'delivered'] as const
export type Which = (typeof WHICH)[number]
export type Answer =
  | { counts: ReplayCount[] }
  | { progress: ReplayProgress }
  | { replayed: { count: number; held: number } }

type Props = { texts: SearchTexts; first: Which; onClose(): void }
type Done = { count: number; held: number; over: boolean }

const ACTION = '/app/activity?index'

/**
 * Sends again what a filter chooses: says how many first, and how far it is meanwhile. Each step is a request of the page, so
 * closing it stops after the present one; what was started by then goes out.
 */
export function ReplayMany({ texts, first, onClose }: Props) {
  const { t, i18n } = useTranslation()
  const bridge = useAppBridge()
  const fetcher = useFetcher<Answer>()
  const [which, setWhich] = useState<Which>(first)
  const [partly, setPartly] = useState(false)
  const [counts, setCounts] = useState<ReplayCount[] | null>(null)
  const [done, setDone] = useState<Done | null>(null)
  const number = (value: number) => new Intl.NumberFormat(i18n.language).format(value)
  const ask = (intent: string, place = {}) => {
    const asked = Object.entries(texts).flatMap(([name, value]) => (value ? [[name, value] as const] : []))
    const form = { ...Object.fromEntries(asked), intent, which, ...(partly && { partly: 'on' }), ...place }
    fetcher.submit(form, { method: 'post', action: ACTION })
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: counted anew when something else is chosen
  useEffect(() => {
    setCounts(null)
    ask('count')
  }, [which, partly])
  // biome-ignore lint/correctness/useExhaustiveDependencies: each answer is taken once
  useEffect(() => {
    const { data } = fetcher
    if (!data || fetcher.state !== 'idle') return
    if ('counts' in data) setCounts(data.counts)
    if (!('progress' in data) || !done || done.over) return
    const { count, held, next } = data.progress
    const sum = { count: done.count + count, held: done.held + held, over: next === null }
    setDone(sum)
    if (next) ask('step', { lane: next.vendor, from: next.from, at: next.before })
    else bridge.toast.show(t('activity.replay.done', { count: sum.count, number: number(sum.count) }))
  }, [fetcher.state, fetcher.data])
  const total = counts?.reduce((sum, { count }) => sum + count, 0) ?? null
  const held = counts?.reduce((sum, each) => sum + (each.held ? each.count : 0), 0) ?? 0
  const start = () => {
    setDone({ count: 0, held: 0, over: false })
    ask('step')
  }
  const running = done !== null && !done.over
  return (
    <Modal
      open
      title={t('activity.replay.title')}
      onClose={onClose}
      primaryAction={
        done?.over
          ? { content: t('activity.replay.close'), onAction: onClose }
          : {
              content:
                total === null
                  ? t('activity.replay.counting')
                  : t('activity.replay.confirm', { count: total, number: number(total) }),
              onAction: start,
              disabled: !total,
              loading: running,
            }
      }
      secondaryActions={
        done?.over
          ? []
          : [{ content: t(running ? 'activity.replay.stop' : 'activity.replay.cancel'), onAction: onClose }]
      }
    >
      <Modal.Section>
        <BlockStack gap="300">
          {done === null && (
            <>
              <Select
                label={t('activity.replay.which')}
                options={WHICH.map(value => ({ value, label: t(`activity.outcome.${value}`) }))}
                value={which}
                onChange={value => setWhich(WHICH.find(each => each === value) ?? 'failed')}
              />
              {which === 'failed' && (
                <Checkbox label={t('activity.replay.partly')} checked={partly} onChange={setPartly} />
              )}
              {which === 'delivered' && <Banner tone="warning">{t('activity.replay.twice')}</Banner>}
              <Box minHeight="4rem">
                <output>
                  {counts === null ? (
                    <Spinner size="small" accessibilityLabel={t('activity.replay.counting')} />
                  ) : (
                    <BlockStack gap="100">
                      {total === 0 && <Text as="p">{t('activity.replay.nothing')}</Text>}
                      {counts.map(({ vendor, count }) => (
                        <Text as="p" key={vendor}>
                          {t('activity.replay.perVendor', { vendor, count, number: number(count) })}
                        </Text>
                      ))}
                      {held > 0 && (
                        <Text as="p" tone="subdued">
                          {t('activity.replay.held', { count: held, number: number(held) })}
                        </Text>
                      )}
                    </BlockStack>
                  )}
                </output>
              </Box>
            </>
          )}
          {done && (
            <>
              <ProgressBar
                progress={
                  done.over ? 100 : Math.min(99, Math.round((done.count / Math.max(1, total ?? 1)) * 100))
                }
                ariaLabelledBy="replay-progress"
              />
              <output id="replay-progress">
                {done.over
                  ? t('activity.replay.done', { count: done.count, number: number(done.count) })
                  : t('activity.replay.running', { done: number(done.count), total: number(total ?? 0) })}
              </output>
              {done.over && done.held > 0 && (
                <Text as="p">
                  {t('activity.replay.held', { count: done.held, number: number(done.held) })}
                </Text>
              )}
              {running && (
                <Text as="p" tone="subdued">
                  {t('activity.replay.stay')}
                </Text>
              )}
            </>
          )}
        </BlockStack>
      </Modal.Section>
    </Modal>
  )
}
