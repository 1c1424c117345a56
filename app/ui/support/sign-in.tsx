/** The form to sign in with. It works before the page's scripts do. */
import { Form, useNavigation } from '@remix-run/react'
import { Box, Button, FormLayout, TextField } from '@shopify/polaris'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { NotSignedIn } from '../../runtime/support.ts'
import { SignInCard } from './sign-in-card.tsx'

type Props = {
  /** What came of the last try. */
  answer: NotSignedIn | { kind: 'failed' } | null
  /** Where somebody was going. */
  to: string | null
  /** Whether this browser was signed in until its session ended. */
  ended: boolean
}

export function SignIn({ answer, to, ended }: Props) {
  const { t } = useTranslation()
  const { state } = useNavigation()
  const [typed, setTyped] = useState({ email: '', password: '', code: '' })
  const change = (name: keyof typeof typed) => (value: string) =>
    setTyped(before => ({ ...before, [name]: value }))
  const code = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (answer?.kind !== 'wrong' && answer?.kind !== 'wait') return
    // A code is taken anew for each try; all else may have been right.
    setTyped(before => ({ ...before, code: '' }))
    code.current?.querySelector('input')?.focus()
  }, [answer])
  return (
    <SignInCard help={t('support.signIn.help')} trouble={sentence()} ended={ended}>
      <Form method="post">
        <FormLayout>
          <input type="hidden" name="to" value={to ?? ''} />
          <TextField
            label={t('support.signIn.email')}
            name="email"
            type="email"
            autoComplete="username"
            value={typed.email}
            onChange={change('email')}
          />
          <TextField
            label={t('support.signIn.password')}
            name="password"
            type="password"
            autoComplete="current-password"
            value={typed.password}
            onChange={change('password')}
          />
          <div ref={code}>
            <TextField
              label={t('support.signIn.code')}
              helpText={t('support.signIn.codeHelp')}
              name="code"
              inputMode="numeric"
              autoComplete="one-time-code"
              value={typed.code}
              onChange={change('code')}
            />
          </div>
          <Box>
            <Button submit variant="primary" fullWidth loading={state !== 'idle'}>
              {t('support.signIn.submit')}
            </Button>
          </Box>
        </FormLayout>
      </Form>
    </SignInCard>
  )

  function sentence(): string | null {
    if (answer === null) return null
    return answer.kind === 'wait'
      ? t(`support.signIn.wait.${answer.by}`, { count: Math.ceil(answer.seconds / 60) })
      : t(`support.signIn.${answer.kind}`)
  }
}
