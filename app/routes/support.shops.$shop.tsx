import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from '@remix-run/node'
import { useLoaderData } from '@remix-run/react'
import { BlockStack, Button, InlineGrid, InlineStack, Page } from '@shopify/polaris'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { SupportVendor } from '../runtime/support-shop.ts'
import { atLeast } from '../support/roles.ts'
import { orFailed, unlessUnanswered } from '../ui/answered.ts'
import { orKept, useKept } from '../ui/kept-page.ts'
import { Nothing } from '../ui/nothing.tsx'
import { Spooled } from '../ui/support/not-taken-up.tsx'
import { type ActAnswer, type Acting, ActOnLane, actsOf, typedIn } from '../ui/support/shop/act.tsx'
import { AsOf } from '../ui/support/shop/as-of.tsx'
import {
  reasonIn,
  saidMerchantReads,
  seenIn,
  shopAsked,
  untilIn,
  vendorIn,
} from '../ui/support/shop/asked.server.ts'
import { Failures } from '../ui/support/shop/failures.tsx'
import { FindEvent } from '../ui/support/shop/find.tsx'
import { Told } from '../ui/support/shop/told.tsx'
import { VendorPart } from '../ui/support/shop/vendor.tsx'
import { ShopFacts } from '../ui/support/shop/who.tsx'
import { useWorstFirst } from '../ui/support/shop/worst-first.ts'
import { consoleTitle } from '../ui/support/texts.ts'
import { useReopened } from '../ui/support/typed.ts'
import { useWatchAfter } from '../ui/watch.ts'

export const meta: MetaFunction<typeof loader> = ({ data }) => consoleTitle('shop', data?.page.domain)

export async function loader({ request, params, context }: LoaderFunctionArgs) {
  const { support } = context.services
  const staff = await support.enter(request)
  const shop = await shopAsked(support, staff, params)
  return { page: await support.shop.page(staff, shop), mayAct: atLeast(staff.role, 'agent') }
}

/** Counts what a hold or a release would do, or does it. */
export async function action({ request, params, context }: ActionFunctionArgs): Promise<ActAnswer> {
  const { support } = context.services
  const staff = await support.enter(request, 'agent')
  const shop = await shopAsked(support, staff, params)
  const form = await request.formData()
  const vendor = vendorIn(form)
  const intent = form.get('intent')
  if (intent === 'count') {
    const [backlog, standing] = await Promise.all([
      support.shop.backlog(staff, shop, vendor),
      support.shop.standing(staff, shop, vendor),
    ])
    return backlog ? { kind: 'counted', backlog, standing } : { kind: 'gone' }
  }
  if (intent !== 'hold' && intent !== 'release') throw new Response(null, { status: 400 })
  const reason = reasonIn(form)
  if (reason === null) return { kind: 'invalid', problem: 'missing' }
  if (intent === 'release') {
    const why = { reason, merchantReads: saidMerchantReads(form) }
    const done = await support.shop.release(staff, shop, vendor, why, seenIn(form))
    if (done === null) return { kind: 'gone' }
    return 'released' in done ? { kind: 'released', vendor, ...done } : { kind: 'stands', standing: done }
  }
  const until = untilIn(form, new Date())
  if (until === 'past') return { kind: 'invalid', problem: 'past' }
  const done = await support.shop.hold(staff, shop, vendor, { reason, until }, seenIn(form))
  if (done === null) return { kind: 'gone' }
  return 'held' in done ? { kind: 'held', vendor, ...done } : { kind: 'stands', standing: done }
}

export const clientAction = orFailed<Awaited<ReturnType<typeof action>>>

export const clientLoader = orKept<Awaited<ReturnType<typeof loader>>>
export const shouldRevalidate = unlessUnanswered

/** What of the shop is being sent, or settled, as the page shows it; null: nothing is. */
function onTheirWay(vendors: readonly SupportVendor[]): string | null {
  const moving = vendors.filter(({ counts, hold }) => counts.open > 0 || (!hold && counts.held > 0))
  return moving.length > 0 ? JSON.stringify(moving.map(({ id, counts }) => [id, counts])) : null
}

export default function ShopPage() {
  const given = useLoaderData<typeof loader>()
  const { page, mayAct } = given
  useKept(given)
  const { t } = useTranslation()
  const [acting, setActing] = useState<Acting | null>(null)
  const [told, setTold] = useState<ActAnswer | null>(null)
  const acts = mayAct ? actsOf(page.vendors) : []
  useReopened(acts.flatMap(typedIn), kept =>
    setActing(acts.find(each => typedIn(each).includes(kept)) ?? null),
  )
  const { domain, name, vendors, failures, countedUntil, timeZone, releaseWithinDays } = page
  const watch = useWatchAfter(onTheirWay(vendors))
  const placed = useWorstFirst(vendors, acting !== null)
  const at = `/support/shops/${domain}`
  const nameOf = (id: string) => vendors.find(vendor => vendor.id === id)?.name ?? id
  return (
    <Page
      title={name ?? domain}
      subtitle={domain}
      backAction={{ content: t('support.shops.title'), url: '/support' }}
      secondaryActions={
        // As a list Polaris would fold them on a phone, behind a button without a word.
        <InlineStack gap="200">
          <Button url={`${at}/activity`}>{t('support.shop.activity')}</Button>
          <Button url={`/support/audit?shop=${domain}`}>{t('support.shop.audit')}</Button>
        </InlineStack>
      }
    >
      <BlockStack gap="400">
        <Told answer={told} vendors={vendors} nameOf={nameOf} dismiss={() => setTold(null)} />
        <AsOf at={page.at} />
        {page.spool && <Spooled spool={page.spool} />}
        <InlineGrid columns={{ xs: 1, md: 2 }} gap="400">
          <ShopFacts page={page} />
          <FindEvent at={at} />
        </InlineGrid>
        {vendors.length === 0 && (
          <Nothing title={t('support.shop.none.title')} help={t('support.shop.none.help')} />
        )}
        {placed.map(vendor => (
          <VendorPart
            key={vendor.id}
            at={at}
            vendor={vendor}
            countedUntil={countedUntil}
            now={page.at}
            zone={timeZone}
            {...(mayAct && { onAct: (intent: Acting['intent']) => setActing({ intent, vendor }) })}
          />
        ))}
        <Failures at={at} failures={failures} vendors={vendors} nameOf={nameOf} />
      </BlockStack>
      {acting && (
        <ActOnLane
          acting={acting}
          shop={name ?? domain}
          releaseWithinDays={releaseWithinDays}
          done={answer => {
            setActing(null)
            setTold(answer)
            watch()
          }}
          close={() => setActing(null)}
        />
      )}
    </Page>
  )
}
