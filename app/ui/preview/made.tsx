import { Banner, BlockStack, Box, Button, InlineStack, Text } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import type { ShownMade, ShownRequest } from '../../runtime/merchant-preview.ts'
import { useWord } from '../activity/words.ts'
import { useSay } from '../i18n.ts'
import { useAdvice } from './words.ts'

/** `settings`: where the vendor is set up; null: the page is that already. `about`: tells the requests from those of others. */
type Props = { name: string; made: ShownMade; settings: string | null; about?: string }

/** The requests that would be sent, or why there are none and what to do about it. */
export function Made({ name, made, settings, about = '' }: Props) {
  if (made.kind !== 'sent') return <NotSent name={name} made={made} settings={settings} about={about} />
  return (
    <BlockStack gap="400">
      {made.requests.map((request, at) => (
        <Request
          key={request.step}
          request={request}
          number={at + 1}
          total={made.requests.length}
          about={about}
        />
      ))}
    </BlockStack>
  )
}

/** What a setting of the vendor's can mend. */
const MENDED_BY_SETTINGS = [
  'mapping_off',
  'no_visitor',
  'contact_missing',
  'test_order',
  'no_product_identifier',
  'missing_field',
]

type NotSentProps = Omit<Props, 'made'> & { made: Exclude<ShownMade, { kind: 'sent' }> }

function NotSent({ name, made, settings, about }: NotSentProps) {
  const { t } = useTranslation()
  const word = useWord()
  const say = useSay()
  const advice = useAdvice()
  const link = settings && (
    <InlineStack>
      <Button url={settings}>{t('preview.toSettings')}</Button>
    </InlineStack>
  )
  // Else it stands under a heading that says the same.
  const title = about && { title: t(made.kind === 'waits' ? 'preview.waits' : 'preview.notSent') }
  if (made.kind === 'unwanted')
    return (
      <Banner tone="info" {...title}>
        <BlockStack gap="200">
          <p>{t(made.switchedOff ? 'preview.off' : 'preview.noUse', { name })}</p>
          {made.switchedOff && <p>{t('preview.offHelp', { name })}</p>}
          {made.switchedOff && link}
        </BlockStack>
      </Banner>
    )
  const { kind, reason, message } = made
  return (
    <Banner tone={kind === 'failed' ? 'critical' : 'warning'} {...title}>
      <BlockStack gap="200">
        <p>{say(message) || (word('reason', reason) ?? reason)}</p>
        <p>{kind === 'waits' ? t('preview.waitsHelp', { name }) : advice(reason)}</p>
        {MENDED_BY_SETTINGS.includes(reason) && link}
      </BlockStack>
    </Banner>
  )
}

const CODE = {
  // Whole, as a rule: what scrolls within the page hides its end.
  maxHeight: 'calc(60lh + 1.5rem)',
  overflow: 'auto',
  padding: '0.75rem',
  background: 'var(--p-color-bg-surface-secondary)',
  borderRadius: 'var(--p-border-radius-200)',
  font: 'var(--p-font-size-300)/1.5 var(--p-font-family-mono)',
  whiteSpace: 'pre-wrap',
  overflowWrap: 'anywhere',
} as const

type RequestProps = { request: ShownRequest; number: number; total: number; about: string }

function Request({ request: { method, url, headers, body, step }, number, total, about }: RequestProps) {
  const { t } = useTranslation()
  const label = (part: string) => [part, number, about].filter(Boolean).join(' ')
  return (
    <BlockStack gap="200">
      <Box>
        {total > 1 && (
          <Text as="p" variant="bodySm" tone="subdued">
            {t('preview.request', { number, total })} · {step}
          </Text>
        )}
        <Text as="p" fontWeight="semibold" breakWord>
          <code>
            {method} {url}
          </code>
        </Text>
      </Box>
      <details>
        <summary style={{ cursor: 'pointer' }}>
          <Text as="span" variant="bodySm">
            {t('preview.headers')}
          </Text>
        </summary>
        <Code label={label(t('preview.headers'))} text={JSON.stringify(headers, null, 2)} />
      </details>
      {body === null ? (
        <Text as="p" tone="subdued">
          {t('preview.noBody')}
        </Text>
      ) : (
        <Code label={label(t('preview.body'))} text={body} />
      )}
    </BlockStack>
  )
}

function Code({ label, text }: { label: string; text: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <section style={CODE} tabIndex={0} aria-label={label} translate="no">
      {text}
    </section>
  )
}
