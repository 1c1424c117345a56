import { Form } from '@remix-run/react'
import { BlockStack, Button, InlineStack, Link, TextField } from '@shopify/polaris'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Part } from '../../part.tsx'

/** The way to an event by its order; all else is asked on the list. @param at the shop's page */
export function FindEvent({ at }: { at: string }) {
  const { t } = useTranslation()
  const [order, setOrder] = useState('')
  return (
    <Part title={t('support.shop.find.title')}>
      <Form method="get" action={`${at}/activity`}>
        <BlockStack gap="300">
          <TextField
            label={t('support.shop.find.order')}
            name="order"
            placeholder="#1001"
            value={order}
            onChange={setOrder}
            autoComplete="off"
          />
          <InlineStack gap="300" blockAlign="center">
            <Button submit>{t('support.shop.find.submit')}</Button>
            <Link url={`${at}/activity`}>{t('support.shop.find.more')}</Link>
          </InlineStack>
        </BlockStack>
      </Form>
    </Part>
  )
}
