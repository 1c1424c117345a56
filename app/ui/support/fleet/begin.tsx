/** What a hold or a release comes to, why it is, and the button. */
import { Banner, BlockStack, Button, FormLayout, InlineStack, Link, Text, TextField } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import type { FleetAsked } from '../../../delivery/fleet-filter.ts'
import type { ShownPreview } from '../../../runtime/support-fleet.ts'
import { useTime } from '../../times.ts'
import { useNumber } from '../number.ts'
import { ReasonField } from '../reason-field.tsx'
import { shopsAddress } from '../shops/words.ts'
import { previewed } from './previewed.ts'

/** @param until "2026-11-20T12:00" in UTC, or empty */
export type Submit = (reason: string, until: string) => void
export type Typed = {
  reason: string
  setReason(reason: string): void
  until: string
  setUntil(until: string): void
}
type Props = { asked: FleetAsked; preview: ShownPreview; busy: boolean; submit: Submit; typed: Typed }

export function Begin({ asked, preview, busy, submit, typed }: Props) {
  const { t } = useTranslation()
  const time = useTime()
  const number = useNumber()
  const { reason, setReason, until, setUntil } = typed
  const { kind, vendor, filter } = asked
  const { toChange, running } = preview
  // The list has all of the shops that fit, and no filter for those that support does not hold.
  const said = previewed(t, asked, preview, number, time)
  // The list takes one state.
  const [state, ...others] = filter.states
  const listed = {
    vendor,
    ...(state && others.length === 0 && { state }),
    ...(filter.shops && { text: filter.shops }),
  }
  const counts = (count: number) => ({ count, formatted: number(count) })
  return (
    <BlockStack gap="300">
      <div aria-live="polite">
        <BlockStack gap="100">
          <Text as="h3" variant="headingSm">
            {t('support.fleet.previewed.title')}
          </Text>
          <Text as="p">
            {said.of} <Link url={shopsAddress(listed)}>{said.shops}</Link> {said.become}
          </Text>
          {said.kept && <Text as="p">{said.kept}</Text>}
          {said.deliveries && (
            <Text as="p" tone="subdued">
              {said.deliveries}
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
