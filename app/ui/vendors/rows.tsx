import { BlockStack, Card, Checkbox, Divider, InlineStack, Text } from '@shopify/polaris'
import { Fragment } from 'react'
import { useTranslation } from 'react-i18next'
import type { FormRow, FormValues } from '../../runtime/merchant-vendors.ts'
import { useWord } from '../activity/words.ts'
import { useSay } from '../i18n.ts'
import { Purposes } from './purposes.tsx'
import { RowDetails } from './row-details.tsx'

type Props = {
  rows: readonly FormRow[]
  values: FormValues
  disabled: boolean
  onChange(name: string, value: string): void
}

/** Which store events go to the vendor, as what, and what a visitor must have allowed. */
export function EventRows({ rows, values, disabled, onChange }: Props) {
  const { t } = useTranslation()
  const word = useWord()
  const say = useSay()
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          {t('vendors.events.title')}
        </Text>
        <Text as="p" tone="subdued">
          {t('vendors.events.help')}
        </Text>
        <Text as="p" tone="subdued">
          {t('vendors.events.collected')}
        </Text>
        {rows.map(row => {
          const { name, type, becomes, consent, texts, lists } = row
          const called = word('type', type) ?? type
          return (
            <Fragment key={name}>
              <Divider />
              <BlockStack gap="200">
                <InlineStack align="space-between" blockAlign="start" gap="200">
                  <Checkbox
                    id={name}
                    label={called}
                    helpText={t('vendors.events.becomes', { becomes: renamed(row, values) || say(becomes) })}
                    checked={values[name] === 'on'}
                    disabled={disabled}
                    onChange={on => onChange(name, on ? 'on' : '')}
                  />
                  <Purposes
                    row={{ consent }}
                    type={called}
                    value={(consent && values[consent.name]) || ''}
                    disabled={disabled}
                    onChange={choice => consent && onChange(consent.name, choice)}
                  />
                </InlineStack>
                {texts.length + lists.length > 0 && (
                  <RowDetails row={row} called={called} {...{ values, disabled, onChange }} />
                )}
              </BlockStack>
            </Fragment>
          )
        })}
      </BlockStack>
    </Card>
  )
}

/** As it is called there by what stands in the form; empty: by its own name. */
const renamed = ({ texts: [first] }: FormRow, values: FormValues) =>
  (first && values[first.name]?.trim()) || ''
