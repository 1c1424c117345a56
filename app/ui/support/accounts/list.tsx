import { Badge, BlockStack, Box, Button, Divider, InlineStack, Select, Text } from '@shopify/polaris'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ShownAccount } from '../../../runtime/support-accounts.ts'
import { Dialog } from '../../dialog.tsx'
import { Part } from '../../part.tsx'
import { useTime } from '../../times.ts'
import { useRoles } from '../roles.ts'

type Submit = (change: string, email: string, role?: string) => void
/** Changes that are asked about before they are made. */
type Grave = 'disable' | 'reset' | 'end'
type Props = { accounts: ShownAccount[]; busy: boolean; submit: Submit }

export function Accounts({ accounts, busy, submit }: Props) {
  const { t } = useTranslation()
  const [asked, setAsked] = useState<{ change: Grave; email: string } | null>(null)
  return (
    <Part title={t('support.accounts.list')}>
      <BlockStack as="ul" gap="300">
        {accounts.map((account, place) => (
          <li key={account.email} style={{ listStyle: 'none' }}>
            <BlockStack gap="300">
              {place > 0 && <Divider />}
              <Row
                account={account}
                busy={busy}
                submit={submit}
                ask={change => setAsked({ change, email: account.email })}
              />
            </BlockStack>
          </li>
        ))}
      </BlockStack>
      {asked && (
        <Dialog
          title={t(`support.accounts.sure.${asked.change}.title`, { email: asked.email })}
          onClose={() => setAsked(null)}
          primaryAction={{
            content: t(`support.accounts.${asked.change}`),
            destructive: true,
            onAction: () => {
              submit(asked.change, asked.email)
              setAsked(null)
            },
          }}
          secondaryActions={[{ content: t('support.accounts.sure.cancel'), onAction: () => setAsked(null) }]}
        >
          <Text as="p">{t(`support.accounts.sure.${asked.change}.help`)}</Text>
        </Dialog>
      )}
    </Part>
  )
}

type RowProps = { account: ShownAccount; busy: boolean; submit: Submit; ask(change: Grave): void }

function Row({ account, busy, submit, ask }: RowProps) {
  const { t } = useTranslation()
  const time = useTime()
  const roles = useRoles()
  const { email, role, isDisabled, isLocked, isOwn, hasPassword, signedInAt, sessions } = account
  const [chosen, setChosen] = useState(role)
  const label = (change: Grave | 'enable' | 'unlock' | 'changeRole') =>
    `${t(`support.accounts.${change}`)}: ${email}`
  return (
    <BlockStack gap="200">
      <InlineStack gap="200" blockAlign="center">
        <Text as="h3" variant="headingSm" breakWord>
          {email}
        </Text>
        {isOwn && <Badge tone="info">{t('support.accounts.own')}</Badge>}
        {isDisabled && <Badge tone="warning">{t('support.accounts.disabled')}</Badge>}
        {isLocked && <Badge tone="attention">{t('support.accounts.locked')}</Badge>}
        {!hasPassword && <Badge>{t('support.accounts.elsewhere')}</Badge>}
      </InlineStack>
      <Text as="p" tone="subdued">
        {signedInAt
          ? t('support.accounts.signedIn', { time: time(signedInAt) })
          : t('support.accounts.neverSignedIn')}
        {' · '}
        {t('support.accounts.sessions', { count: sessions })}
      </Text>
      <InlineStack gap="200" blockAlign="end">
        <Box minWidth="8rem">
          <Select
            label={t('support.accounts.roleOf', { email })}
            labelHidden
            options={roles}
            value={chosen}
            onChange={setChosen}
          />
        </Box>
        <Button
          accessibilityLabel={label('changeRole')}
          disabled={busy || chosen === role}
          onClick={() => submit('role', email, chosen)}
        >
          {t('support.accounts.changeRole')}
        </Button>
        {isDisabled ? (
          <Button
            accessibilityLabel={label('enable')}
            disabled={busy}
            onClick={() => submit('enable', email)}
          >
            {t('support.accounts.enable')}
          </Button>
        ) : (
          <Button
            accessibilityLabel={label('disable')}
            disabled={busy}
            tone="critical"
            onClick={() => ask('disable')}
          >
            {t('support.accounts.disable')}
          </Button>
        )}
        {isLocked && (
          <Button
            accessibilityLabel={label('unlock')}
            disabled={busy}
            onClick={() => submit('unlock', email)}
          >
            {t('support.accounts.unlock')}
          </Button>
        )}
        <Button accessibilityLabel={label('reset')} disabled={busy} onClick={() => ask('reset')}>
          {t('support.accounts.reset')}
        </Button>
        <Button
          accessibilityLabel={label('end')}
          disabled={busy || sessions === 0}
          onClick={() => ask('end')}
        >
          {t('support.accounts.end')}
        </Button>
      </InlineStack>
    </BlockStack>
  )
}
