import { useFetcher } from '@remix-run/react'
import { BlockStack, Button, InlineStack, Select, Text, TextField } from '@shopify/polaris'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { FormField, FormValues, OffersAnswer } from '../../runtime/merchant-vendors.ts'
import type { Unanswered } from '../answered.ts'
import { useSay } from '../i18n.ts'
import { useOnce } from '../told-once.ts'

type Props = {
  field: FormField
  value: string
  shared: {
    id: string
    label: string
    helpText: string | undefined
    error: string | undefined
    disabled: boolean
  }
  values: FormValues
  /** Credentials that were refused would be refused once more: they are not tried by themselves. */
  beganRefused: boolean
  /** That they are is said at their field, and not a second time. */
  isRefused: boolean
  onChange(value: string): void
}

/** No value of an account. */
const BY_HAND = ' '

/**
 * A setting whose values the account has: asked for at once when credentials are saved, and by a button with those that are
 * typed in. It can be typed in all the same, and must be where the account does not answer.
 */
export function FromAccount(props: Props) {
  const { field, value, shared, values, beganRefused, isRefused, onChange } = props
  const { setting } = field
  const { t } = useTranslation()
  const say = useSay()
  const fetcher = useFetcher<OffersAnswer | Unanswered>()
  const [byHand, setByHand] = useState(false)
  const ask = () => {
    setByHand(false)
    fetcher.submit({ ...values, intent: 'offers', setting }, { method: 'post' })
  }
  // With what is saved.
  useOnce(() => {
    if (!beganRefused) ask()
  })
  const { data } = fetcher
  const busy = fetcher.state !== 'idle'
  const offered = data?.kind === 'offered' && !byHand ? data.offered : null
  const told =
    busy || !data || data.kind === 'offered'
      ? null
      : data.kind === 'unanswered'
        ? t(`frame.unanswered.${data.why}`)
        : data.asked && !(isRefused && data.refused)
          ? say(data.problem ?? '')
          : t('vendors.account.needsCredentials')
  return (
    <BlockStack gap="200">
      {offered ? (
        <Select
          {...shared}
          options={[
            { value: '', label: t('vendors.account.none') },
            ...(value && !offered.some(each => each.value === value)
              ? [{ value, label: t('vendors.account.gone', { value }) }]
              : []),
            ...offered,
            { value: BY_HAND, label: t('vendors.account.byHand') },
          ]}
          value={value}
          onChange={chosen => (chosen === BY_HAND ? setByHand(true) : onChange(chosen))}
        />
      ) : (
        <TextField {...shared} value={value} onChange={onChange} autoComplete="off" maxLength={1_000} />
      )}
      {/* Whatever stands above, so that nothing below is moved when the account has answered. */}
      <InlineStack gap="200" blockAlign="center">
        <Button onClick={ask} loading={busy} disabled={shared.disabled}>
          {t('vendors.account.ask')}
        </Button>
        <div aria-live="polite">
          {told && (
            <Text as="span" tone="subdued" breakWord>
              {told}
            </Text>
          )}
        </div>
      </InlineStack>
    </BlockStack>
  )
}
