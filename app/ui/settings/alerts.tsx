import {
  Banner,
  BlockStack,
  Button,
  Card,
  Checkbox,
  ChoiceList,
  InlineStack,
  Text,
  TextField,
} from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import type { Tried } from '../../runtime/merchant-settings.ts'
import type { PartProps } from './form.tsx'
import { useProblem } from './problems.ts'
import { Section } from './section.tsx'
import { KINDS } from './values.ts'

type Props = PartProps & {
  tried: Tried[] | 'tooOften' | null
  trying: boolean
  /** Something of it is not saved yet: a test would go to the addresses before. */
  isChanged: boolean
  onTry(): void
}

/** Who hears when something needs a person, by what, and of what. */
export function Alerts({ page, values, change, problems, disabled, tried, trying, isChanged, onTry }: Props) {
  const { t } = useTranslation()
  const problem = useProblem(page, problems)
  const { mail, webhook, signed, emails, mostEmails } = page.alerts
  const isOff = values.webhookOff === 'on'
  const hasAny = emails.length > 0 || webhook !== null
  return (
    <Section title={t('settings.alerts.title')} about={t('settings.alerts.about')}>
      <Card>
        <BlockStack gap="400">
          <TextField
            id="emails"
            label={t('settings.alerts.emails')}
            helpText={
              mail ? t('settings.alerts.emailsHelp', { most: mostEmails }) : t('settings.alerts.noMail')
            }
            value={values.emails}
            onChange={text => change({ emails: text })}
            error={problem('emails')}
            disabled={disabled || (!mail && values.emails === '')}
            multiline={2}
            maxLength={2_000}
            autoComplete="off"
            spellCheck={false}
            inputMode="email"
          />
          <TextField
            id="webhook"
            label={t('settings.alerts.webhook')}
            helpText={
              webhook === null
                ? t('settings.alerts.webhookHelp')
                : t('settings.alerts.webhookSaved', { saved: webhook })
            }
            value={values.webhook}
            placeholder={webhook ?? undefined}
            onChange={text => change({ webhook: text })}
            error={problem('webhook')}
            disabled={disabled || isOff}
            type="url"
            maxLength={2_000}
            autoComplete="off"
            spellCheck={false}
          />
          {(webhook !== null || values.webhook !== '') && (
            <TextField
              id="webhookSecret"
              label={t('settings.alerts.secret')}
              helpText={t(
                signed && values.webhook === ''
                  ? 'settings.alerts.secretSaved'
                  : 'settings.alerts.secretHelp',
              )}
              value={values.webhookSecret}
              onChange={text => change({ webhookSecret: text })}
              error={problem('webhookSecret')}
              disabled={disabled || isOff}
              type="password"
              maxLength={500}
              autoComplete="new-password"
              spellCheck={false}
            />
          )}
          {webhook !== null && (
            <Checkbox
              id="webhookOff"
              label={t('settings.alerts.webhookOff')}
              checked={isOff}
              disabled={disabled}
              onChange={on => change({ webhookOff: on ? 'on' : '' })}
            />
          )}
          <ChoiceList
            title={t('settings.alerts.kinds')}
            allowMultiple
            choices={KINDS.map(kind => ({
              value: kind,
              label: t(`settings.alerts.kind.${kind}`),
              helpText: t(`settings.alerts.kindHelp.${kind}`),
              disabled,
            }))}
            selected={KINDS.filter(kind => values[`kind.${kind}`] === 'on')}
            error={problem('kinds')}
            onChange={chosen =>
              change(
                Object.fromEntries(KINDS.map(kind => [`kind.${kind}`, chosen.includes(kind) ? 'on' : ''])),
              )
            }
          />
          <Text as="p" tone="subdued">
            {t('settings.alerts.language')}
          </Text>
          <InlineStack gap="200" blockAlign="center">
            <Button onClick={onTry} loading={trying} disabled={!hasAny || isChanged || disabled}>
              {t('settings.alerts.test')}
            </Button>
            {(isChanged || !hasAny) && (
              <Text as="span" tone="subdued">
                {t(isChanged ? 'settings.alerts.saveFirst' : 'settings.alerts.nobody')}
              </Text>
            )}
          </InlineStack>
          <div aria-live="polite">{tried !== null && !isChanged && <Told tried={tried} />}</div>
        </BlockStack>
      </Card>
    </Section>
  )
}

/** What came of a test, for each way. */
function Told({ tried }: { tried: Tried[] | 'tooOften' }) {
  const { t } = useTranslation()
  if (tried === 'tooOften')
    return (
      <Banner tone="warning">
        <p>{t('settings.alerts.tooOften')}</p>
      </Banner>
    )
  const isWell = tried.every(({ result }) => result === 'sent')
  return (
    <Banner
      tone={isWell ? 'success' : 'critical'}
      title={t(isWell ? 'settings.alerts.tested' : 'settings.alerts.testFailed')}
    >
      <ul>
        {tried.map(({ channel, result, status }) => (
          <li key={channel}>
            {t(`settings.alerts.way.${channel}`)}: {t(`settings.alerts.result.${result}`, { status })}
          </li>
        ))}
      </ul>
    </Banner>
  )
}
