import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from '@remix-run/node'
import { useFetcher, useLoaderData } from '@remix-run/react'
import { Badge, Banner, BlockStack, Button, Card, InlineStack, Page, Text } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import type { ShownSession } from '../runtime/support-accounts.ts'
import { orFailed, unlessUnanswered } from '../ui/answered.ts'
import { consoleTitle } from '../ui/support/texts.ts'
import { text } from '../ui/text.server.ts'
import { useTime } from '../ui/times.ts'

export const meta: MetaFunction = () => consoleTitle('sessions')

/** Everybody's own. */
export async function loader({ request, context }: LoaderFunctionArgs) {
  const { support } = context.services
  const staff = await support.enter(request)
  return { sessions: await support.accounts.sessions(staff) }
}

export async function action({ request, context }: ActionFunctionArgs) {
  const { support } = context.services
  const staff = await support.enter(request)
  const session = text.safeParse((await request.formData()).get('session'))
  if (!session.success) throw new Response(null, { status: 400 })
  return { ended: await support.accounts.end(staff, session.data) }
}

type Answer = Awaited<ReturnType<typeof action>> | { kind: 'failed' }

export const clientAction = orFailed<Awaited<ReturnType<typeof action>>>
export const shouldRevalidate = unlessUnanswered

export default function Sessions() {
  const { sessions } = useLoaderData<typeof loader>()
  const { t } = useTranslation()
  const fetcher = useFetcher<Answer>()
  const { data } = fetcher
  return (
    <Page title={t('support.sessions.title')} subtitle={t('support.sessions.help')}>
      <BlockStack gap="400">
        <output>{data && 'ended' in data && data.ended && t('support.sessions.ended')}</output>
        <div role="alert">
          {fetcher.state === 'idle' && data && 'kind' in data && (
            <Banner tone="critical">
              <p>{t('support.sessions.failed')}</p>
            </Banner>
          )}
        </div>
        {sessions.map(each => (
          <Card key={each.session}>
            <One
              session={each}
              busy={fetcher.state !== 'idle'}
              end={() => fetcher.submit({ session: each.session }, { method: 'post' })}
            />
          </Card>
        ))}
      </BlockStack>
    </Page>
  )
}

function One({ session, busy, end }: { session: ShownSession; busy: boolean; end(): void }) {
  const { t } = useTranslation()
  const time = useTime()
  const { address, agent, isThis } = session
  const since = time(session.since)
  return (
    <BlockStack gap="200">
      <InlineStack gap="200" blockAlign="center">
        <Text as="h2" variant="headingSm">
          {t('support.sessions.since', { time: since })}
        </Text>
        {isThis && <Badge tone="info">{t('support.sessions.this')}</Badge>}
      </InlineStack>
      <Text as="p">{t('support.sessions.seen', { time: time(session.seen) })}</Text>
      <Text as="p">
        {address === null ? t('support.sessions.noAddress') : t('support.sessions.from', { address })}
      </Text>
      <Text as="p" tone="subdued" breakWord>
        {agent ?? t('support.sessions.noAgent')}
      </Text>
      <InlineStack>
        <Button
          accessibilityLabel={t('support.sessions.endOf', { time: since })}
          disabled={busy}
          onClick={end}
        >
          {t('support.sessions.end')}
        </Button>
      </InlineStack>
    </BlockStack>
  )
}
