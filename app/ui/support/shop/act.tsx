/** Holding and releasing a vendor: first what will become of what waits, then why, then the button. */
import { useFetcher } from '@remix-run/react'
import { Banner, BlockStack, Button, Text, TextField } from '@shopify/polaris'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Backlog, ShownStanding, SupportVendor } from '../../../runtime/support-shop.ts'
import { Dialog } from '../../dialog.tsx'
import { useOnce, useToldOnce } from '../../told-once.ts'
import { SAID_MERCHANT_READS } from '../reason.ts'
import { ReasonField } from '../reason-field.tsx'
import { useTyped } from '../typed.ts'
import { Counted } from './counted.tsx'
import { Standing } from './standing.tsx'

export type Acting = { intent: 'hold' | 'release'; vendor: SupportVendor }
export type ActAnswer =
  /** `standing`: the hold that there is. */
  | { kind: 'counted'; backlog: Backlog; standing: ShownStanding | null }
  /** What is held, or has followed the release, by now. `left`: there may be more. `changed`: a hold that stood has another reason or end. */
  | { kind: 'held'; vendor: string; held: number; left: boolean; changed: boolean }
  | { kind: 'released'; vendor: string; released: number; expired: number; left: boolean }
  | { kind: 'invalid'; problem: 'missing' | 'past' }
  /** Neither held nor released: another hold stands than the one that was to be replaced or released. */
  | { kind: 'stands'; standing: ShownStanding }
  /** `gone`: released or disconnected meanwhile. `failed`: no answer came. */
  | { kind: 'gone' | 'failed' }

/** What can be done now. */
export const actsOf = (vendors: readonly SupportVendor[]): Acting[] =>
  vendors.flatMap(vendor => [
    { intent: 'hold', vendor },
    ...(vendor.hold ? [{ intent: 'release' as const, vendor }] : []),
  ])

/** The names of what is typed: why, and until when. */
export function typedIn({ intent, vendor }: Acting): [reason: string, until: string] {
  return [`${intent}:${vendor.id}:reason`, `${intent}:${vendor.id}:until`]
}

type Props = {
  acting: Acting
  /** What it is called. */
  shop: string
  releaseWithinDays: number
  done(answer: ActAnswer): void
  close(): void
}

export function ActOnLane({ acting, shop, releaseWithinDays, done, close }: Props) {
  const { intent, vendor } = acting
  const { t } = useTranslation()
  const counting = useFetcher<ActAnswer>()
  const doing = useFetcher<ActAnswer>()
  const { name, hold } = vendor
  const [asReason, asUntil] = typedIn(acting)
  const [reason, setReason] = useTyped(asReason, intent === 'hold' ? (hold?.reason ?? '') : '')
  const [until, setUntil] = useTyped(asUntil, intent === 'hold' ? (hold?.until?.replace('Z', '') ?? '') : '')
  const [replace, setReplace] = useState(false)
  const count = () => counting.submit({ intent: 'count', vendor: vendor.id }, { method: 'post' })
  useOnce(count)
  useToldOnce(doing, answer => {
    // That one was not chosen.
    if (answer.kind === 'stands') setReplace(false)
    if (answer.kind === 'held' || answer.kind === 'released' || answer.kind === 'gone') done(answer)
  })
  /** Who opens it to change a hold has said so, and sees which. */
  const changes = intent === 'hold' && hold !== null
  const words = changes ? 'changing' : intent === 'hold' ? 'holding' : 'releasing'
  const backlog = counting.data?.kind === 'counted' ? counting.data.backlog : null
  const refused = doing.data?.kind === 'stands' ? doing.data.standing : null
  const standing =
    intent === 'hold'
      ? (refused ?? (counting.data?.kind === 'counted' ? counting.data.standing : null))
      : refused
  /** The hold that is to be replaced or released, as it is shown. */
  const asks = intent === 'hold' && standing !== null && (refused !== null || !changes)
  const seen = intent === 'hold' ? (!asks || replace) && standing : (refused ?? hold)
  const shown = seen ? JSON.stringify({ reason: seen.reason, since: seen.since, until: seen.until }) : ''
  const uncounted = counting.state === 'idle' && counting.data !== undefined && backlog === null
  const problem = doing.data?.kind === 'invalid' ? doing.data.problem : null
  const busy = doing.state !== 'idle'
  return (
    <Dialog
      title={t(`support.shop.${words}.title`, { name, shop })}
      onClose={close}
      primaryAction={{
        content: t(`support.shop.${words}.confirm`, { name }),
        onAction: () =>
          doing.submit(
            { intent, vendor: vendor.id, reason, until, seen: shown, ...SAID_MERCHANT_READS },
            { method: 'post' },
          ),
        disabled: backlog === null || reason.trim() === '' || (asks && !replace),
        loading: busy,
        destructive: intent === 'hold',
      }}
      secondaryActions={[{ content: t('support.shop.act.cancel'), onAction: close }]}
    >
      <BlockStack gap="400">
        <output>
          {backlog ? (
            <Counted
              intent={changes ? 'change' : intent}
              backlog={backlog}
              releaseWithinDays={releaseWithinDays}
            />
          ) : uncounted ? (
            <Banner tone="critical">
              <BlockStack gap="200" inlineAlign="start">
                <Text as="p">{t('support.shop.act.uncounted')}</Text>
                <Button onClick={count}>{t('support.shop.act.again')}</Button>
              </BlockStack>
            </Banner>
          ) : (
            <Text as="p">{t('support.shop.act.counting')}</Text>
          )}
        </output>
        {standing && (
          <Standing
            hold={standing}
            title={intent === 'hold' ? 'title' : 'changed'}
            {...(asks && { choice: { replace, change: setReplace } })}
          />
        )}
        <ReasonField isFirst of={intent} value={reason} change={setReason} missing={problem === 'missing'} />
        {intent === 'hold' && (
          <TextField
            label={t('support.shop.holding.until')}
            helpText={t('support.shop.holding.untilHelp')}
            type="datetime-local"
            value={until}
            onChange={setUntil}
            autoComplete="off"
            {...(problem === 'past' && { error: t('support.shop.holding.past') })}
          />
        )}
        {!busy && doing.data?.kind === 'failed' && (
          <Banner tone="critical">
            <p>{t('support.shop.act.failed')}</p>
          </Banner>
        )}
      </BlockStack>
    </Dialog>
  )
}
