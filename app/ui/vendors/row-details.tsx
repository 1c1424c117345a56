import { BlockStack, Box, Button, Checkbox, InlineStack, Text, TextField } from '@shopify/polaris'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { FormRow, FormValues } from '../../runtime/merchant-vendors.ts'
import { useSay } from '../i18n.ts'
import { Choices } from './choices.tsx'

type Props = {
  row: FormRow
  /** What the kind of event is called. */
  called: string
  values: FormValues
  disabled: boolean
  onChange(name: string, value: string): void
}

/** What else is set for one kind of event, folded in until it is asked for: dozens of fields would hide the events. */
export function RowDetails({
  row: { type, becomes, texts, lists },
  called,
  values,
  disabled,
  onChange,
}: Props) {
  const { t, i18n } = useTranslation()
  const say = useSay()
  const [open, setOpen] = useState(false)
  const id = `details.${type}`
  const labels = [...texts.map(({ label }) => label), ...lists.map(({ inPlaceOf }) => inPlaceOf)].map(say)
  const what = new Intl.ListFormat(i18n.language, { type: 'unit' }).format(labels)
  return (
    <Box paddingInlineStart={{ sm: '600' }}>
      <BlockStack gap="200">
        <InlineStack gap="200" blockAlign="center">
          <Button
            variant="plain"
            disclosure={open ? 'up' : 'down'}
            ariaExpanded={open}
            ariaControls={id}
            accessibilityLabel={t('vendors.events.details', { what, type: called })}
            onClick={() => setOpen(!open)}
          >
            {what}
          </Button>
          {!open &&
            lists.map(({ name, inPlaceOf, own }) => {
              const isOwn = values[own.name] === 'on'
              return (
                <Text key={name} as="span" {...(!isOwn && { tone: 'subdued' })}>
                  {t(`vendors.events.${isOwn ? 'ownList' : 'listForAll'}`, { label: say(inPlaceOf) })}
                </Text>
              )
            })}
        </InlineStack>
        <div id={id} hidden={!open}>
          {open && (
            <BlockStack gap="300">
              {texts.map(({ name, label }) => (
                <TextField
                  key={name}
                  id={name}
                  label={say(label)}
                  value={values[name] ?? ''}
                  placeholder={becomes}
                  onChange={value => onChange(name, value)}
                  disabled={disabled}
                  maxLength={300}
                  autoComplete="off"
                />
              ))}
              {lists.map(({ name, label, inPlaceOf, options, names, own }) => (
                <BlockStack key={name} gap="200">
                  <Checkbox
                    id={own.name}
                    label={t('vendors.events.asForAll', { label: say(inPlaceOf) })}
                    checked={values[own.name] !== 'on'}
                    disabled={disabled}
                    onChange={asForAll => onChange(own.name, asForAll ? '' : 'on')}
                  />
                  {values[own.name] === 'on' && (
                    <Choices
                      id={name}
                      title={say(label)}
                      {...{ options, names, disabled }}
                      value={values[name] ?? ''}
                      onChange={value => onChange(name, value)}
                    />
                  )}
                </BlockStack>
              ))}
            </BlockStack>
          )}
        </div>
      </BlockStack>
    </Box>
  )
}
