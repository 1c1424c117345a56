/** The person of an event in the clear, once somebody has said why: shown where it was asked for, until the page is left. */
import { useFetcher } from '@remix-run/react'
import { Banner, BlockStack, Button, InlineStack, Text } from '@shopify/polaris'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Person } from '../../../runtime/support-activity.ts'
import { Facts } from '../../activity/facts.tsx'
import { Dialog } from '../../dialog.tsx'
import { Part } from '../../part.tsx'
import { useToldOnce } from '../../told-once.ts'
import { ReasonField } from '../reason-field.tsx'
import { useReopened, useTyped } from '../typed.ts'

/** `person` null: nothing is kept of one. `missing`: no reason was given. `failed`: no answer came. */
export type RevealAnswer = { kind: 'revealed'; person: Person | null } | { kind: 'missing' | 'failed' }

export function Reveal({ mayAct }: { mayAct: boolean }) {
  const { t } = useTranslation()
  const fetcher = useFetcher<RevealAnswer>()
  const [asking, setAsking] = useState(false)
  useReopened(['reveal'], () => setAsking(mayAct))
  const [reason, setReason] = useTyped('reveal')
  const [revealed, setRevealed] = useState<{ person: Person | null } | null>(null)
  useToldOnce(fetcher, answer => {
    if (answer.kind !== 'revealed') return
    setRevealed(answer)
    setAsking(false)
    setReason('')
  })
  const busy = fetcher.state !== 'idle'
  const problem = !busy && fetcher.data && fetcher.data.kind !== 'revealed' ? fetcher.data.kind : null
  return (
    <Part title={t('support.shop.reveal.title')}>
      <Text as="p" tone="subdued">
        {t(revealed ? 'support.shop.reveal.shown' : 'support.shop.reveal.help')}
      </Text>
      <div aria-live="polite">
        {revealed &&
          (revealed.person ? (
            <Known person={revealed.person} />
          ) : (
            <Text as="p">{t('support.shop.reveal.nobody')}</Text>
          ))}
      </div>
      <InlineStack>
        {revealed ? (
          <Button onClick={() => setRevealed(null)}>{t('support.shop.reveal.hide')}</Button>
        ) : mayAct ? (
          <Button onClick={() => setAsking(true)}>{t('support.shop.reveal.open')}</Button>
        ) : (
          <Text as="p">{t('support.shop.reveal.notYou')}</Text>
        )}
      </InlineStack>
      {asking && (
        <Dialog
          title={t('support.shop.reveal.title')}
          onClose={() => setAsking(false)}
          primaryAction={{
            content: t('support.shop.reveal.confirm'),
            onAction: () => fetcher.submit({ intent: 'reveal', reason }, { method: 'post' }),
            disabled: reason.trim() === '',
            loading: busy,
          }}
          secondaryActions={[{ content: t('support.shop.act.cancel'), onAction: () => setAsking(false) }]}
        >
          <BlockStack gap="300">
            <Text as="p">{t('support.shop.reveal.help')}</Text>
            <ReasonField
              isFirst
              of="reveal"
              value={reason}
              change={setReason}
              missing={problem === 'missing'}
            />
            {problem === 'failed' && (
              <Banner tone="critical">
                <p>{t('support.shop.reveal.failed')}</p>
              </Banner>
            )}
          </BlockStack>
        </Dialog>
      )}
    </Part>
  )
}

function Known({ person: { address, attributes, ...plain } }: { person: Person }) {
  const { t } = useTranslation()
  const { city, province, postalCode, country } = address ?? {}
  const where = [city, province, postalCode, country].filter(Boolean).join(', ')
  const facts = [
    ...(['email', 'phone', 'firstName', 'lastName'] as const).map(name => ({
      name: t(`support.shop.reveal.${name}`),
      value: plain[name] ?? '',
    })),
    { name: t('support.shop.reveal.address'), value: where },
    ...Object.entries(attributes).map(([name, value]) => ({
      name: t('support.shop.reveal.attribute', { name }),
      value,
    })),
  ]
  return <Facts facts={facts.filter(({ value }) => value !== '')} />
}
