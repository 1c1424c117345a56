import { useFetcher, useRevalidator } from '@remix-run/react'
import { Banner, BlockStack, Box, Checkbox, ProgressBar, Select, Spinner, Text } from '@shopify/polaris'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ReplayCounts, ReplayPlace, ReplayProgress } from '../../runtime/merchant-activity.ts'
import { Dialog } from '../dialog.tsx'
import { useOnce, useToldOnce } from '../told-once.ts'
import { AskedFor } from './asked.tsx'
import { Foreseen } from './foreseen.tsx'
import type { Line } from './list.tsx'
import { filtersOf, formOf } from './replay-form.ts'
import type { Why } from './replay-one.tsx'
import { ReplayOutcomes } from './replay-outcomes.tsx'
import { useStops } from './stops.ts'
import { actionAt, type SearchTexts } from './words.ts'

export const WHICH = ['failed', 'skipped', 'delivered'] as const
export type Which = (typeof WHICH)[number]
const UNDELIVERED = ['failed', 'skipped'] as const

/**
 * What a list's sending again begins with: the outcome that it is filtered by, or else what its page has of what did not arrive. What did
 * is sent twice by those alone who ask for it.
 */
export function whichFirst({ outcome, vendor }: SearchTexts, lines: readonly Line[]): Which {
  const has = (which: Which) =>
    lines.some(({ deliveries }) =>
      deliveries.some(each => each.outcome === which && (!vendor || each.vendor === vendor)),
    )
  return WHICH.find(each => each === outcome) ?? UNDELIVERED.find(has) ?? 'failed'
}

/** `broken`: no answer came, or one that says nothing of what was asked. */
export type Answer =
  | { counted: ReplayCounts }
  | { progress: ReplayProgress }
  | { broken: 'count' | 'step' | 'outcomes' }

type Props = {
  /** The list's own address. */
  at: string
  texts: SearchTexts
  vendors: readonly { id: string; name: string }[]
  /** Of which zone days are that are asked for, where that is not the zone of the page's times; null: UTC. */
  days?: string | null
  first: Which
  /** Where it has to be said why; it is sent as `why`. */
  why?: Why
  /** A step was answered, or its answer is lost: told beside the dialog, which may be closed by then. */
  tell(isBroken: boolean): void
  /** @param sent what was sent again, or may have been; null: nothing was */
  onClose(sent: Sent | null): void
}
/**
 * `id`: the replay's, by which a list is asked for it. `count`: null where a step was on its way, or its answer was lost. `again`: it had
 * been skipped before.
 */
export type Sent = { id: string; count: number | null; again: boolean }
type Done = { count: number; over: boolean }

/**
 * Sends again what a filter chooses: says how many first, and how far it is meanwhile. Each step is a request of the page, so
 * closing it stops after the present one; what was started by then goes out.
 */
export function ReplayMany({
  at: list,
  texts,
  vendors,
  days = null,
  first,
  why,
  tell,
  onClose: close,
}: Props) {
  const { t, i18n } = useTranslation()
  const { before } = useStops()
  const fetcher = useFetcher<Answer>()
  const { revalidate } = useRevalidator()
  const [which, setWhich] = useState<Which>(first)
  const [partly, setPartly] = useState(false)
  const [counted, setCounted] = useState<ReplayCounts | null>(null)
  const [done, setDone] = useState<Done | null>(null)
  const [place, setPlace] = useState<ReplayPlace | null>(null)
  const [broken, setBroken] = useState(false)
  const number = (value: number) => new Intl.NumberFormat(i18n.language).format(value)
  const ask = (intent: 'count' | 'step', chosen: { which: Which; partly: boolean }, at = {}) => {
    const asked = Object.entries(texts).flatMap(([name, value]) => (value ? [[name, value] as const] : []))
    const marked: Record<string, string> = chosen.partly ? { partly: 'on' } : {}
    const said: Record<string, string> = why ? { why: why.reason } : {}
    const form = { ...Object.fromEntries(asked), intent, which: chosen.which, ...marked, ...said, ...at }
    setBroken(false)
    fetcher.submit(form, { method: 'post', action: actionAt(list) })
  }
  const count = (chosen: { which: Which; partly: boolean }) => {
    setWhich(chosen.which)
    setPartly(chosen.partly)
    setCounted(null)
    ask('count', chosen)
  }
  const step = (at: ReplayPlace) => {
    setPlace(at)
    ask('step', { which, partly }, formOf(at))
  }
  useOnce(() => count({ which, partly }))
  useToldOnce(fetcher, data => {
    if ('broken' in data) {
      setBroken(true)
      tell(true)
    } else if ('counted' in data) setCounted(data.counted)
    else if (done && !done.over) {
      const { count: some, next, total: all } = data.progress
      const sum = { count: done.count + some, over: next === null }
      // Answers to steps may have been lost, and what was sent may have been sent once more by somebody else.
      const told = all && all.count > sum.count ? { ...sum, count: all.count } : sum
      setDone(told)
      if (next) step(next)
      else tell(false)
    }
  })
  const counts = counted?.counts ?? null
  const total = counts?.reduce((sum, { count }) => sum + count, 0) ?? null
  const more = counted?.more ?? false
  /** Of what was counted. */
  const atLeast = (value: number) => `${number(value)}${more ? '+' : ''}`
  const held = counts?.reduce((sum, each) => sum + (each.held ? each.count : 0), 0) ?? 0
  const superseded = counts?.reduce((sum, each) => sum + each.superseded, 0) ?? 0
  const arrived = counts?.reduce((sum, each) => sum + each.arrived, 0) ?? 0
  const foreseen = new Set(counts?.flatMap(each => each.foreseen.reasons.map(({ reason }) => reason)))
  const start = () => {
    if (!counted) return
    setDone({ count: 0, over: false })
    step(counted.start)
  }
  const running = done !== null && !done.over
  const ofThese = `${list}?${new URLSearchParams({ replay: place?.id ?? '' })}`
  const onClose = () => {
    // What was sent again has gone on meanwhile, and if it was stopped the list has not been loaded since.
    if (done) revalidate()
    if (!done || !place || (done.over && done.count === 0)) close(null)
    else close({ id: place.id, count: done.over ? done.count : null, again: which === 'skipped' })
  }
  const filters = filtersOf(texts, which)
  const unexplained = why?.reason.trim() === ''
  return (
    <Dialog
      title={t('activity.replay.title')}
      onClose={onClose}
      primaryAction={
        done?.over
          ? { content: t('activity.replay.close'), onAction: onClose }
          : {
              ...(broken
                ? done
                  ? { content: t('activity.replay.goOn'), onAction: () => place && step(place) }
                  : { content: t('activity.replay.countAgain'), onAction: () => count({ which, partly }) }
                : {
                    content:
                      total === null
                        ? t('activity.replay.counting')
                        : total === 0 && more
                          ? t('activity.replay.one')
                          : t('activity.replay.confirm', { count: total, number: atLeast(total) }),
                    onAction: start,
                    disabled: (!total && !more) || unexplained,
                  }),
              loading: running && !broken,
            }
      }
      secondaryActions={
        done?.over
          ? done.count > 0
            ? [{ content: t('activity.replay.seeAll'), url: ofThese, onAction: onClose }]
            : []
          : [{ content: t(running ? 'activity.replay.stop' : 'activity.replay.cancel'), onAction: onClose }]
      }
    >
      <BlockStack gap="300">
        {done === null && (
          <>
            {/* What is typed above the list and not applied yet is not gone by. */}
            {Object.values(filters).some(value => value) ? (
              <AskedFor texts={filters} vendors={vendors} days={days} />
            ) : (
              <Text as="p">{t('activity.replay.unfiltered')}</Text>
            )}
            <Select
              label={t('activity.replay.which')}
              options={WHICH.map(value => ({ value, label: t(`activity.outcome.${value}`) }))}
              value={which}
              onChange={value => count({ which: WHICH.find(each => each === value) ?? 'failed', partly })}
            />
            {which === 'failed' && (
              <Checkbox
                label={t('activity.replay.partly')}
                checked={partly}
                onChange={on => count({ which, partly: on })}
              />
            )}
            {which === 'delivered' && <Banner tone="warning">{t('activity.replay.twice')}</Banner>}
            <Box minHeight="4rem">
              <output>
                {broken ? (
                  <Banner tone="critical">{t('activity.replay.uncounted')}</Banner>
                ) : counts === null ? (
                  <Spinner size="small" accessibilityLabel={t('activity.replay.counting')} />
                ) : (
                  <BlockStack gap="100">
                    {total === 0 && !more && <Text as="p">{t('activity.replay.nothing')}</Text>}
                    {counts.map(({ vendor, count }) => (
                      <Text as="p" key={vendor}>
                        {t('activity.replay.perVendor', { vendor, count, number: atLeast(count) })}
                      </Text>
                    ))}
                    {more && <Text as="p">{t('activity.replay.notAllCounted')}</Text>}
                    <Foreseen counts={counts} more={more} />
                    {superseded > 0 && !foreseen.has('superseded') && (
                      <Banner tone="warning">
                        <p>
                          {t('activity.replay.superseded', {
                            count: superseded,
                            number: atLeast(superseded),
                          })}
                        </p>
                      </Banner>
                    )}
                    {arrived > 0 && (
                      <Banner tone="warning">
                        <p>{t('activity.replay.arrived', { count: arrived, number: atLeast(arrived) })}</p>
                      </Banner>
                    )}
                    {held > 0 && (
                      <Text as="p" tone="subdued">
                        {t('activity.replay.held', { count: held, number: atLeast(held) })}
                      </Text>
                    )}
                    {counts.map(
                      ({ vendor, stop }) =>
                        stop && (
                          <Banner tone="warning" key={vendor}>
                            <p>{before(vendor, stop)}</p>
                          </Banner>
                        ),
                    )}
                  </BlockStack>
                )}
              </output>
            </Box>
            {why?.field}
          </>
        )}
        {done && (
          <>
            {/* How far the tools are with it is told below it from then on. */}
            {running && (
              <ProgressBar
                progress={Math.min(99, Math.round((done.count / Math.max(1, total ?? 1)) * 100))}
                ariaLabelledBy="replay-progress"
              />
            )}
            {broken && (
              <Banner tone="critical">
                {t('activity.replay.broken', { done: number(done.count), total: atLeast(total ?? 0) })}
              </Banner>
            )}
            <output id="replay-progress">
              {done.over
                ? t('activity.replay.started', { count: done.count, number: number(done.count) })
                : t('activity.replay.running', { done: number(done.count), total: atLeast(total ?? 0) })}
            </output>
            {done.over && done.count > 0 && place && (
              <ReplayOutcomes inDialog at={list} replayId={place.id} again={which === 'skipped'} />
            )}
            {running && !broken && (
              <Text as="p" tone="subdued">
                {t('activity.replay.stay')}
              </Text>
            )}
          </>
        )}
      </BlockStack>
    </Dialog>
  )
}
