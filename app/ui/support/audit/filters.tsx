import { Form } from '@remix-run/react'
import {
  BlockStack,
  Button,
  Card,
  Checkbox,
  InlineGrid,
  InlineStack,
  Select,
  Text,
  TextField,
} from '@shopify/polaris'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { AuditTexts, Checked } from './search.server.ts'
import { useActionName } from './words.ts'

type Props = {
  texts: AuditTexts
  /** What of it cannot be read. */
  wrong: readonly Checked[]
  actors: readonly string[]
  actions: readonly string[]
  vendors: readonly { id: string; name: string }[]
  busy: boolean
}

export function AuditFilters({ texts, wrong, actors, actions, vendors, busy }: Props) {
  const { t } = useTranslation()
  const actionName = useActionName()
  const [values, setValues] = useState(texts)
  const field = (name: Checked) => ({
    label: t(`support.audit.filter.${name}`),
    name,
    value: values[name] ?? '',
    onChange: (value: string) => setValues(before => ({ ...before, [name]: value })),
    // Until it is typed anew.
    error: wrong.includes(name) && values[name] === texts[name] && t(`support.audit.filter.wrong.${name}`),
  })
  const anyOf = (options: { value: string; label: string }[]) => [
    { value: '', label: t('support.audit.filter.any') },
    ...options,
  ]
  // Who is asked for by an address may have done nothing yet.
  const known = texts.actor && !actors.includes(texts.actor) ? [texts.actor, ...actors] : actors
  return (
    <Card>
      <Form method="get" action="/support/audit">
        <BlockStack gap="300">
          <Text as="h2" variant="headingMd">
            {t('support.audit.filter.title')}
          </Text>
          <InlineGrid columns={{ xs: 1, sm: 2, md: 4 }} gap="300">
            <Select options={anyOf(known.map(value => ({ value, label: value })))} {...field('actor')} />
            <Select
              options={anyOf(actions.map(value => ({ value, label: actionName(value) })))}
              {...field('action')}
            />
            <TextField autoComplete="off" placeholder="name.myshopify.com" {...field('shop')} />
            <Select
              options={anyOf(vendors.map(({ id, name }) => ({ value: id, label: name })))}
              {...field('vendor')}
            />
            <TextField autoComplete="off" type="date" {...field('since')} />
            <TextField autoComplete="off" type="date" {...field('until')} />
            <TextField autoComplete="off" {...field('reason')} />
            <TextField autoComplete="off" {...field('fleet')} />
          </InlineGrid>
          <Checkbox
            label={t('support.audit.filter.each')}
            name="each"
            value="1"
            checked={values.each === '1'}
            onChange={checked => setValues(before => ({ ...before, each: checked ? '1' : undefined }))}
          />
          <InlineStack gap="200">
            <Button submit variant="primary" loading={busy}>
              {t('support.audit.filter.apply')}
            </Button>
            <Button url="/support/audit">{t('support.audit.filter.clear')}</Button>
          </InlineStack>
        </BlockStack>
      </Form>
    </Card>
  )
}
