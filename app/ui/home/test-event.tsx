/** The guide's test: what goes to which tools is said before it is sent, and what came of it after. */
import { useFetcher } from '@remix-run/react'
import { useAppBridge } from '@shopify/app-bridge-react'
import { Banner, BlockStack, Box, List, SkeletonBodyText, Text, TextField } from '@shopify/polaris'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { SentTest, TestProblem, ToldTest, ToldTool } from '../../runtime/merchant-home.ts'
import { useWord } from '../activity/words.ts'
import { Dialog } from '../dialog.tsx'
import { focusField } from '../focus.ts'
import { useSay } from '../i18n.ts'
import { useOnce, useToldOnce } from '../told-once.ts'

/** What the dialog's requests came to. */
export type TestAnswer =
  | ({ kind: 'told' } & ToldTest)
  | ({ kind: 'tested' } & SentTest)
  | { kind: 'notTested'; problem: TestProblem | 'untold' }

const FIELD = 'test-email'
const HOME = { method: 'post', action: '/app?index' } as const

type Props = { onSent(sent: SentTest): void; onClose(): void }

export function TestEvent({ onSent, onClose }: Props) {
  const { t } = useTranslation()
  const bridge = useAppBridge()
  const asking = useFetcher<TestAnswer>()
  const sending = useFetcher<TestAnswer>()
  const [email, setEmail] = useState('')
  useOnce(() => asking.submit({ intent: 'tell' }, HOME))
  useToldOnce(sending, answer => {
    if (answer.kind === 'notTested' && answer.problem === 'email') focusField(FIELD)
    if (answer.kind !== 'tested') return
    bridge.toast.show(t(answer.refused.length === 0 ? 'home.guide.test.passed' : 'home.guide.test.sent'))
    onSent(answer)
  })
  const told = asking.data?.kind === 'told' ? asking.data : null
  const busy = sending.state !== 'idle'
  const answers = [asking.data, busy ? undefined : sending.data]
  const problem = answers.flatMap(answer => (answer?.kind === 'notTested' ? answer.problem : []))[0] ?? null
  const send = () => {
    if (!told || busy) return
    sending.submit({ intent: 'test', key: told.key, like: told.like ?? '', email }, HOME)
  }
  return (
    <Dialog
      title={t('home.guide.test.title')}
      onClose={onClose}
      primaryAction={{
        content: t('home.guide.test.send'),
        onAction: send,
        loading: busy,
        disabled: told === null,
      }}
      secondaryActions={[{ content: t('home.guide.test.cancel'), onAction: onClose }]}
    >
      <div aria-live="polite">
        {problem && problem !== 'email' && (
          <Box paddingBlockEnd="400">
            <Banner tone="critical">
              <p>{t(`home.guide.test.problem.${problem}`)}</p>
            </Banner>
          </Box>
        )}
      </div>
      <BlockStack gap="400">
        {told ? <What told={told} /> : !problem && <SkeletonBodyText lines={4} />}
        <form
          onSubmit={event => {
            event.preventDefault()
            send()
          }}
        >
          <TextField
            id={FIELD}
            label={t('home.guide.test.email')}
            helpText={t('home.guide.test.emailHelp')}
            value={email}
            onChange={setEmail}
            error={problem === 'email' ? t('home.guide.test.problem.email') : undefined}
            type="email"
            autoComplete="email"
            autoFocus
            requiredIndicator
          />
        </form>
        <Text as="p">{t('home.guide.test.consent')}</Text>
      </BlockStack>
    </Dialog>
  )
}

/** What goes where. */
function What({ told: { product, like, tools } }: { told: ToldTest }) {
  const { t } = useTranslation()
  const gets = useGets()
  return (
    <BlockStack gap="200">
      <Text as="p">{t(`home.guide.test.${like === null ? 'invented' : 'what'}`, { product })}</Text>
      <Text as="p">{t('home.guide.test.each')}</Text>
      <List>
        {tools.map(tool => (
          <List.Item key={tool.name}>{gets(tool)}</List.Item>
        ))}
      </List>
      <Text as="p">{t(`home.guide.test.${tools.every(isLeftOut) ? 'nowhere' : 'reports'}`)}</Text>
    </BlockStack>
  )
}

const isLeftOut = ({ gets }: ToldTool) => gets === 'request'

/** @returns a function that says what a tool gets, and why not more */
function useGets(): (tool: ToldTool) => string {
  const { t } = useTranslation()
  const word = useWord()
  return ({ name, gets, why }) => {
    if (gets !== 'request') return t(`home.guide.test.gets.${gets}`, { name })
    const reason = why === null ? t('home.guide.test.noUse') : (word('reason', why) ?? why)
    return t('home.guide.test.gets.request', { name, reason })
  }
}

/** What the tools said, and where the event's story is: all in one banner. */
export function Tested({ sent: { refused, eventId } }: { sent: SentTest }) {
  const { t, i18n } = useTranslation()
  const say = useSay()
  const names = new Intl.ListFormat(i18n.language).format(refused.map(({ name }) => name))
  return (
    <Banner
      tone={refused.length > 0 ? 'critical' : 'success'}
      title={names || t('home.guide.test.sent')}
      action={{ content: t('home.guide.test.see'), url: `/app/activity/${eventId}` }}
    >
      <BlockStack gap="200">
        {refused.map(({ name, message }) => (
          <Text key={name} as="p" breakWord>
            {refused.length > 1 ? `${name}: ${say(message)}` : say(message)}
          </Text>
        ))}
        {names && <Text as="p">{t('home.guide.test.sent')}</Text>}
        <Text as="p">{t('home.guide.test.underway')}</Text>
      </BlockStack>
    </Banner>
  )
}
