import { BlockStack, Box, Card, Checkbox, Divider, InlineStack, Text, TextField } from '@shopify/polaris'
import { Fragment } from 'react'
import { useTranslation } from 'react-i18next'
import type { FormRow, FormValues } from '../../runtime/merchant-vendors.ts'
import { useWord } from '../activity/words.ts'
import { useSay } from '../i18n.ts'
import { Purposes } from './purposes.tsx'

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
        {rows.map(({ name, type, becomes, consent, texts }) => (
          <Fragment key={name}>
            <Divider />
            <BlockStack gap="200">
              <InlineStack align="space-between" blockAlign="start" gap="200">
                <Checkbox
                  id={name}
                  label={word('type', type) ?? type}
                  helpText={t('vendors.events.becomes', { becomes: say(becomes) })}
                  checked={values[name] === 'on'}
                  disabled={disabled}
                  onChange={on => onChange(name, on ? 'on' : '')}
                />
                <Purposes
                  row={{ consent }}
                  type={word('type', type) ?? type}
                  value={(consent && values[consent.name]) || ''}
                  on={values[name] === 'on'}
                  disabled={disabled}
                  onChange={choice => consent && onChange(consent.name, choice)}
                />
              </InlineStack>
              {(values[name] === 'on' ? texts : []).map(text => (
                <Box key={text.name} paddingInlineStart={{ sm: '600' }}>
                  <TextField
                    id={text.name}
                    label={say(text.label)}
                    value={values[text.name] ?? ''}
                    placeholder={becomes}
                    onChange={value => onChange(text.name, value)}
                    disabled={disabled}
                    maxLength={300}
                    autoComplete="off"
                  />
                </Box>
              ))}
            </BlockStack>
          </Fragment>
        ))}
      </BlockStack>
    </Card>
  )
}
