import { SaveBar } from '@shopify/app-bridge-react'
import { Banner, BlockStack, Box, Button, Card, FormLayout, InlineStack, Text } from '@shopify/polaris'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type {
  FormField,
  FormValues,
  VendorAnswer,
  VendorIntent,
  VendorPage,
} from '../../runtime/merchant-vendors.ts'
import type { Unanswered } from '../answered.ts'
import { focusBanner, focusFirstProblem, isNowhere } from '../focus.ts'
import { useSay } from '../i18n.ts'
import { useLeaving } from '../leaving.ts'
import { UnsavedPreview } from '../preview/unsaved.tsx'
import { NotDone } from '../unanswered.tsx'
import { Field } from './field.tsx'
import { keyField, ToKey, valuesIn } from './key-field.tsx'
import { EventRows } from './rows.tsx'

type Answer = VendorAnswer | Unanswered
type Props = {
  page: Pick<VendorPage, 'id' | 'name' | 'form'>
  connected: boolean
  answer: Answer | null
  /** Whether the answer is to a vendor that was not connected before it. */
  isFirst: boolean
  /** Whether the credentials are what has to be corrected, or tried again. */
  isRefused: boolean
  /** Whether the answer is to a vendor of which they were. */
  wasRefused: boolean
  /** What is under way; null: nothing. */
  busy: string | null
  submit(intent: VendorIntent, values: FormValues): void
}

const PARTS = ['credentials', 'options'] as const
/** What most answers take at a desk's width. */
const ROOM_FOR_ANSWER = '10rem'

function valuesOf({ fields, rows }: VendorPage['form']): FormValues {
  const ofRows = Object.fromEntries(
    rows.flatMap(({ name, on, consent, texts, lists }) => [
      [name, on ? 'on' : ''],
      ...(consent ? [[consent.name, consent.value]] : []),
      ...texts.map(text => [text.name, text.value]),
      ...lists.flatMap(({ name: list, value, own }) => [
        [list, value],
        [own.name, own.on ? 'on' : ''],
      ]),
    ]),
  )
  return { ...valuesIn(fields), ...ofRows }
}

/** A vendor's settings. They are saved once the vendor has accepted them, or untested by a choice of its own. */
export function SettingsForm(props: Props) {
  const { connected, answer, isFirst, isRefused, wasRefused, busy } = props
  const { id, name, form } = props.page
  const { t } = useTranslation()
  // While the form stands: a button that was pressed is not taken away when its test is passed.
  const [beganRefused] = useState(isRefused)
  const isAtKey = !connected || beganRefused
  const [first] = useState(() => valuesOf(form))
  const [values, setValues] = useState(first)
  const isChanged = Object.keys(values).some(each => values[each] !== first[each])
  useLeaving(isChanged)
  const change = (field: string, value: string) => setValues(before => ({ ...before, [field]: value }))
  const key = keyField(form.fields, values)
  // What was refused is the key that was sent, whatever is chosen since.
  const [sentKey, setSentKey] = useState(key)
  const [sent, setSent] = useState(values)
  const submit = (intent: VendorIntent) => {
    setSentKey(key)
    setSent(values)
    const failedTest = answer?.kind === 'tested' ? answer.failedTest : null
    props.submit(intent, failedTest === null ? values : { ...values, failedTest })
  }
  const problems = problemsIn(answer, sentKey)
  const drawnForm = useRef<HTMLFormElement>(null)
  const told = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (answer?.kind === 'invalid' && focusFirstProblem(drawnForm.current)) return
    if (answer?.kind === 'saved') {
      // The form is drawn anew, so the button that was pressed is gone.
      if (isNowhere()) focusBanner(told.current, { preventScroll: true })
    } else if (answer && !isFine(answer)) focusBanner(told.current)
  }, [answer])
  /** What only another choice needs is not asked for, unless something stands there. */
  const isAsked = ({ name: own, setting, neededWhen, saved }: FormField) => {
    const by = form.fields.find(field => field.kind === 'choice' && field.name === neededWhen?.name)
    if (!by || saved !== null || values[own] || problems[setting]) return true
    return values[by.name] === neededWhen?.value
  }
  const drawn = (field: FormField) => (
    <Field
      key={field.name}
      field={field}
      value={values[field.name] ?? ''}
      error={problems[field.setting]}
      disabled={busy !== null}
      values={values}
      beganRefused={beganRefused}
      isRefused={isRefused || isKeyRefused(answer)}
      onChange={value => change(field.name, value)}
    />
  )
  const save = () => submit('save')
  const outcome = (
    <div ref={told} aria-live="polite">
      {answer && (
        <Told
          name={name}
          answer={answer}
          isFirst={isFirst}
          wasRefused={wasRefused}
          busy={busy}
          atKey={isKeyRefused(answer) ? sentKey : undefined}
          // There is nothing to save where nothing was changed.
          {...((isChanged || !connected) && { onAnyway: () => submit('saveUntested') })}
          isAsSent={Object.keys(values).every(each => values[each] === sent[each])}
        />
      )}
    </div>
  )
  const actions = (
    <>
      <Button
        onClick={() => submit('test')}
        loading={busy === 'test'}
        disabled={busy !== null && busy !== 'test'}
      >
        {t('vendors.form.test')}
      </Button>
      <Button submit variant="primary" loading={busy === 'save'} disabled={busy !== null && busy !== 'save'}>
        {t(connected ? 'vendors.form.save' : 'vendors.form.connect')}
      </Button>
    </>
  )
  // The key is all that most need to begin: what comes of it stands beside it, not below dozens of choices.
  const isToldAtKey = isAtKey || isFirst || wasRefused
  return (
    <form
      ref={drawnForm}
      noValidate
      onSubmit={event => {
        event.preventDefault()
        save()
      }}
    >
      <BlockStack gap="400">
        {PARTS.map(part => {
          const fields = form.fields.filter(field => field.part === part && isAsked(field))
          const isKey = part === 'credentials'
          return fields.length === 0 ? null : (
            <Card key={part}>
              <BlockStack gap="300">
                <Text as="h2" variant="headingMd">
                  {t(`vendors.form.${part}`)}
                </Text>
                <FormLayout>{fields.map(drawn)}</FormLayout>
                {isKey && isAtKey && <InlineStack gap="200">{actions}</InlineStack>}
                {isKey && !connected && (
                  <Text as="p" tone="subdued">
                    {t('vendors.form.restLater')}
                  </Text>
                )}
                {isKey && isToldAtKey && (
                  // Room from the press on for an answer that says what is wrong: nothing moves when it comes.
                  <Box
                    minHeight={
                      busy || answer?.kind === 'unanswered' || (answer?.kind === 'tested' && !answer.ok)
                        ? ROOM_FOR_ANSWER
                        : undefined
                    }
                  >
                    {outcome}
                  </Box>
                )}
              </BlockStack>
            </Card>
          )
        })}
        <EventRows rows={form.rows} values={values} disabled={busy !== null} onChange={change} />
        {!isToldAtKey && outcome}
        <Box paddingInline={{ xs: '400', sm: '0' }}>
          <InlineStack gap="200" align="end">
            <UnsavedPreview id={id} name={name} rows={form.rows} values={values} disabled={busy !== null} />
            {!isAtKey && actions}
          </InlineStack>
        </Box>
        <SaveBar id="vendor-settings" open={isChanged}>
          <button type="button" onClick={() => setValues(first)}>
            {t('vendors.form.discard')}
          </button>
          <button type="button" variant="primary" onClick={save}>
            {t(connected ? 'vendors.form.save' : 'vendors.form.connect')}
          </button>
        </SaveBar>
      </BlockStack>
    </form>
  )
}

const isFine = (answer: Answer) => answer.kind === 'saved' || (answer.kind === 'tested' && answer.ok)

/** Whether the answer says that the credentials are what is wrong. */
export const isKeyRefused = (answer: Answer | null) => answer?.kind === 'tested' && answer.refused

/** By setting. Credentials that were refused are wrong at the field that they were entered in. */
function problemsIn(answer: Answer | null, key: FormField | undefined): Record<string, string> {
  if (answer?.kind === 'invalid') return answer.problems
  return key && answer?.kind === 'tested' && answer.refused ? { [key.setting]: answer.message } : {}
}

/** `atKey`: the field that says what is wrong. `onAnyway`: saves what was not accepted. `isAsSent`: nothing was changed since. */
type ToldProps = Pick<Props, 'isFirst' | 'wasRefused' | 'busy'> & {
  name: string
  answer: Answer
  atKey: FormField | undefined
  isAsSent: boolean
  onAnyway?(): void
}

/** What came of it, in words that say what to do. */
function Told({ name, answer, isFirst, wasRefused, busy, atKey, isAsSent, onAnyway }: ToldProps) {
  const { t, i18n } = useTranslation()
  const say = useSay()
  if (answer.kind === 'unanswered') return <NotDone answer={answer} />
  if (answer.kind === 'invalid')
    return (
      <Banner tone="critical" title={t('vendors.form.invalid')}>
        <ul>
          {Object.entries(answer.problems).map(([field, problem]) => (
            <li key={field}>{say(problem)}</li>
          ))}
        </ul>
      </Banner>
    )
  if (answer.kind === 'saved') {
    const { test } = answer
    const title = test?.ok === false ? 'savedFailed' : isFirst ? 'connected' : 'saved'
    return (
      <Banner
        tone={test === null ? 'warning' : test.ok ? 'success' : 'critical'}
        title={t(`vendors.form.${title}`, { name })}
        {...((isFirst || wasRefused) && { action: { content: t('vendors.form.toHome'), url: '/app' } })}
      >
        <p>{test ? say(test.message) : t('vendors.form.savedUntested')}</p>
        {answer.held > 0 && (
          <p>
            {t('vendors.form.released', {
              count: answer.held,
              number: new Intl.NumberFormat(i18n.language).format(answer.held),
            })}
          </p>
        )}
        {isFirst && <p>{t('vendors.form.next')}</p>}
      </Banner>
    )
  }
  if (answer.kind === 'disconnecting')
    return <Banner tone="warning" title={t('vendors.form.disconnecting', { name })} />
  const { ok, tried, message } = answer
  if (ok)
    return (
      <Banner tone="success" title={t('vendors.form.works', { name })}>
        <p>{say(message)}</p>
      </Banner>
    )
  return (
    <Banner
      tone={tried ? 'critical' : 'warning'}
      title={t(tried ? 'vendors.form.refused' : 'vendors.form.untried')}
    >
      <BlockStack gap="200">
        <p>{say(message)}</p>
        {atKey && <ToKey field={atKey} />}
        {onAnyway && (
          <>
            <p>{t('vendors.form.notSaved')}</p>
            <InlineStack>
              <Button onClick={onAnyway} loading={busy === 'saveUntested'} disabled={busy !== null}>
                {t(tried && isAsSent ? 'vendors.form.saveAnyway' : 'vendors.form.saveUntested')}
              </Button>
            </InlineStack>
          </>
        )}
      </BlockStack>
    </Banner>
  )
}
