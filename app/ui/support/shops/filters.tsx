/** What is looked for, and in which order. It works before the page's scripts do. */
import { Form, useNavigate } from '@remix-run/react'
import { BlockStack, Button, Card, InlineGrid, InlineStack, Select, TextField } from '@shopify/polaris'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { LaneState, ShopSort } from '../../../runtime/support-shops.ts'
import { isEmail, PERSON_AT } from './person.ts'
import type { VendorNames } from './words.ts'

export type Asked = { text: string; vendor: string; state: string; sort: string }
type Props = {
  asked: Asked
  vendors: VendorNames
  states: readonly LaneState[]
  sorts: readonly ShopSort[]
  busy: boolean
}

export function ShopFilters({ asked, vendors, states, sorts, busy }: Props) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const [values, setValues] = useState(asked)
  const field = (name: keyof Asked) => ({
    name,
    value: values[name],
    onChange: (value: string) => setValues(before => ({ ...before, [name]: value })),
  })
  const any = { label: t('support.shops.search.any'), value: '' }
  const isAsked = asked.text !== '' || asked.vendor !== '' || asked.state !== ''
  return (
    <Card>
      <Form
        method="get"
        action="/support"
        role="search"
        aria-label={t('support.shops.search.title')}
        onSubmit={event => {
          if (!isEmail(values.text)) return
          event.preventDefault()
          navigate(PERSON_AT)
        }}
      >
        <BlockStack gap="300">
          <TextField
            label={t('support.shops.search.text')}
            helpText={t('support.shops.search.textHelp')}
            type="search"
            autoComplete="off"
            {...field('text')}
          />
          <InlineGrid columns={{ xs: 1, sm: 3 }} gap="300">
            <Select
              label={t('support.shops.search.vendor')}
              options={[any, ...vendors.map(({ id, name }) => ({ value: id, label: name }))]}
              {...field('vendor')}
            />
            <Select
              label={t('support.shops.search.state')}
              options={[any, ...states.map(value => ({ value, label: t(`support.state.${value}`) }))]}
              {...field('state')}
            />
            <Select
              label={t('support.shops.search.sort')}
              options={sorts.map(value => ({ value, label: t(`support.shops.sort.${value}`) }))}
              {...field('sort')}
            />
          </InlineGrid>
          <InlineStack gap="200">
            <Button submit variant="primary" loading={busy}>
              {t('support.shops.search.submit')}
            </Button>
            {isAsked && <Button url="/support">{t('support.shops.search.clear')}</Button>}
          </InlineStack>
        </BlockStack>
      </Form>
    </Card>
  )
}
