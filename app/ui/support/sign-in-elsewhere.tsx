/** Where one signs in with an account of one's organisation. */
import { Text } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import { SignInCard } from './sign-in-card.tsx'

/** Why nobody was signed in, as the address of the page says. */
const WHYS = [
  'unknown',
  'unverified',
  'disabled',
  'other_subject',
  'expired',
  'failed',
  'away',
  'wait',
] as const

type Props = {
  /** Where somebody was going. */
  to: string | null
  why: string | null
  /** Whether this browser was signed in until its session ended. */
  ended: boolean
}

export function SignInElsewhere({ to, why, ended }: Props) {
  const { t } = useTranslation()
  const known = WHYS.find(each => each === why)
  return (
    <SignInCard
      help={t('support.signIn.elsewhere.help')}
      trouble={known ? t(`support.signIn.elsewhere.why.${known}`) : null}
      ended={ended}
    >
      {/* Not the router's: the browser itself goes to another site. */}
      <a
        className="Polaris-Button Polaris-Button--pressable Polaris-Button--variantPrimary Polaris-Button--sizeMedium Polaris-Button--textAlignCenter Polaris-Button--fullWidth"
        href={`/support/oidc?${new URLSearchParams({ to: to ?? '' })}`}
      >
        <Text as="span" variant="bodySm" fontWeight="medium">
          {t('support.signIn.elsewhere.submit')}
        </Text>
      </a>
    </SignInCard>
  )
}
