/** What a hold or a release comes to, why it is, and the button. */
import { Banner, BlockStack, Button, FormLayout, InlineStack, Link, Text, TextField } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import type { FleetAsked } from '../../../delivery/fleet-filter.ts'
import type { ShownPreview } from '../../../runtime/support-fleet.ts'
import { useTime } from '../../times.ts'
import { useNumber } from '../number.ts'
import { ReasonField } from '../reason-field.tsx'
import { shopsAddress } from '../shops/words.ts'

/** @param until "2026-11-20T12:00" in UTC, or empty */
export type Submit = (reason: string, until: string) => void
export type Typed = {
  reason: string
  setReason(reason: string): void
  until: string
  setUntil(until: string): void
}
type Props = { asked: FleetAsked; preview: ShownPreview; busy: boolean; submit: Submit; typed: Typed }

/** Why shops that the filter fits would not be changed. */
const NONE_CHANGED = { hold: 'allHeld', release: 'noneHeld' } as const

export function Begin({ asked: { kind, vendor, filter }, preview, busy, submit, typed }: Props) {
  const { t } = useTranslation()
  const time = useTime()
  const number = useNumber()
  const { reason, setReason, until, setUntil } = typed
  const { shops, toChange, deliveries, countedAt, running } = preview
  // The list takes one state.
  const [state, ...others] = filter.states
  const listed = {
    vendor,
    ...(state && others.length === 0 && { state }),
    ...(filter.shops && { text: filter.shops }),
  }
  // The list has all of these, and no filter for those that support does not hold.
  const isPart = toChange > 0 && toChange < shops
  const counts = (count: number) => ({ count, formatted: number(count) })
  return (
    <BlockStack gap="300">
      <div aria-live="polite">
        <BlockStack gap="100">
          <Text as="h3" variant="headingSm">
            {t('support.fleet.previewed.title')}
          </Text>
          <Text as="p">
            {isPart && t('support.fleet.previewed.of', counts(toChange))}{' '}
            <Link url={shopsAddress(listed)}>
              {t(`support.fleet.${isPart ? 'connected' : 'previewed.fit'}`, counts(shops))}
            </Link>{' '}
            {toChange === 0
              ? t(`support.fleet.previewed.${shops === 0 ? 'nobody' : NONE_CHANGED[kind]}`, counts(shops))
              : isPart
                ? t(`support.fleet.previewed.will.${kind}`)
                : t(`support.fleet.previewed.${kind}`, counts(toChange))}
          </Text>
          {kind === 'hold' && toChange > 0 && (
            <Text as="p">
              {t(`support.fleet.previewed.${filter.heldFor === null ? 'alreadyHeld' : 'replaces'}`)}
            </Text>
          )}
          {toChange > 0 && (
            <Text as="p" tone="subdued">
              {deliveries === null || countedAt === null
                ? t('support.fleet.previewed.notCounted')
                : t(`support.fleet.previewed.${kind}Deliveries`, {
                    ...counts(deliveries),
                    time: time(countedAt),
                  })}
            </Text>
          )}
        </BlockStack>
      </div>
      {running !== null && (
        <Banner
          tone="warning"
          action={{ content: t('support.fleet.previewed.toRunning'), url: `/support/fleet/${running}` }}
        >
          <p>{t('support.fleet.previewed.running')}</p>
        </Banner>
      )}
      {running === null && toChange > 0 && (
        <form
          noValidate
          onSubmit={event => {
            event.preventDefault()
            submit(reason, until)
          }}
        >
          <FormLayout>
            <ReasonField of={kind} value={reason} change={setReason} />
            {kind === 'hold' && (
              <TextField
                label={t('support.fleet.until')}
                type="datetime-local"
                autoComplete="off"
                value={until}
                onChange={setUntil}
              />
            )}
            <InlineStack>
              <Button
                submit
                variant="primary"
                {...(kind === 'hold' && { tone: 'critical' as const })}
                loading={busy}
                disabled={reason.trim() === ''}
              >
                {t(`support.fleet.begin.${kind}`, counts(toChange))}
              </Button>
            </InlineStack>
          </FormLayout>
        </form>
      )}
    </BlockStack>
  )
}
