import { Button, FormLayout, InlineStack, Select, TextField } from '@shopify/polaris'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Part } from '../../part.tsx'
import { useRoles } from '../roles.ts'

type Props = { busy: boolean; submit(change: string, email: string, role: string): void }

export function AddAccount({ busy, submit }: Props) {
  const { t } = useTranslation()
  const roles = useRoles()
  const [email, setEmail] = useState('')
  const [role, setRole] = useState('viewer')
  return (
    <Part title={t('support.accounts.add.title')}>
      <form
        noValidate
        onSubmit={event => {
          event.preventDefault()
          submit('add', email, role)
        }}
      >
        <FormLayout>
          <FormLayout.Group>
            <TextField
              label={t('support.accounts.add.email')}
              type="email"
              autoComplete="off"
              value={email}
              onChange={setEmail}
            />
            <Select label={t('support.accounts.add.role')} options={roles} value={role} onChange={setRole} />
          </FormLayout.Group>
          <InlineStack>
            <Button submit loading={busy} disabled={email.trim() === ''}>
              {t('support.accounts.add.submit')}
            </Button>
          </InlineStack>
        </FormLayout>
      </form>
    </Part>
  )
}
