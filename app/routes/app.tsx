import type { HeadersFunction, LinksFunction, LoaderFunctionArgs, MetaFunction } from '@remix-run/node'
import {
  Link,
  Outlet,
  type ShouldRevalidateFunctionArgs,
  useLoaderData,
  useOutletContext,
  useRouteError,
} from '@remix-run/react'
import { NavMenu } from '@shopify/app-bridge-react'
import polarisStyles from '@shopify/polaris/build/esm/styles.css?url'
import { AppProvider } from '@shopify/shopify-app-remix/react'
import { boundary } from '@shopify/shopify-app-remix/server'
import { type ReactNode, useMemo } from 'react'
import { I18nextProvider, useTranslation } from 'react-i18next'
import { useAhead } from '../ui/ahead.ts'
import { areaOf } from '../ui/frame/areas.ts'
import { Loading } from '../ui/frame/loading.tsx'
import { Trouble } from '../ui/frame/trouble.tsx'
import { ZoneNote } from '../ui/frame/zone.tsx'
import { textsIn } from '../ui/i18n.ts'
import { languageAsked } from '../ui/languages.ts'
import { POLARIS_TEXTS, TEXTS } from '../ui/texts.server.ts'
import { ZoneContext } from '../ui/times.ts'
import { SupportContext } from '../ui/vendors/held.tsx'

export const links: LinksFunction = () => [{ rel: 'stylesheet', href: polarisStyles }]
/** Of pages without a title of their own. */
export const meta: MetaFunction = () => [{ title: 'Sluice' }]
export const headers: HeadersFunction = args => boundary.headers(args)

/** The frame of all merchant's pages. */
export async function loader({ request, context }: LoaderFunctionArgs) {
  const { merchant, embedded } = context.services
  // The frame is shown all the same where something is away: the page within says what, and what to do.
  const shop = await merchant.enter(request).catch((error: unknown) => {
    if (!(error instanceof Response) || error.status < 500) throw error
    return null
  })
  const language = languageAsked(request, shop?.language ?? null)
  return {
    bridge: embedded.bridge,
    language,
    texts: TEXTS[language],
    sayings: merchant.sayings(language),
    polaris: POLARIS_TEXTS[language],
    support: { ...merchant.support, releaseWithinDays: shop?.releaseWithinDays ?? null },
    zone: shop?.timeZone ?? null,
  }
}

type Given = ReturnType<typeof useLoaderData<typeof loader>>

/** Once is enough, unless another language was chosen: the app does not change while the page lives, and each page's loader verifies for itself. */
export const shouldRevalidate = ({ actionResult }: ShouldRevalidateFunctionArgs) =>
  actionResult?.languageChanged === true

export default function Merchant() {
  useAhead('routes/app')
  return (
    <Frame given={useLoaderData<typeof loader>()}>
      <Paged />
      <ZoneNote />
    </Frame>
  )
}

function Paged() {
  const { t } = useTranslation()
  return (
    <Loading titleAt={path => t(areaOf(path))}>
      <Outlet />
    </Loading>
  )
}

function Frame({ given, children }: { given: Given; children: ReactNode }) {
  const { bridge, language, texts, sayings, polaris, support, zone } = given
  const i18n = useMemo(() => textsIn(language, texts, sayings), [language, texts, sayings])
  return (
    // App Bridge stands in the head already.
    <AppProvider apiKey={bridge.apiKey} isEmbeddedApp={false} i18n={polaris}>
      <I18nextProvider i18n={i18n}>
        <NavMenu>
          <Link to="/app" rel="home">
            {i18n.t('home.title')}
          </Link>
          <Link to="/app/vendors">{i18n.t('vendors.title')}</Link>
          <Link to="/app/activity">{i18n.t('activity.title')}</Link>
          <Link to="/app/accuracy">{i18n.t('accuracy.title')}</Link>
          <Link to="/app/settings">{i18n.t('settings.title')}</Link>
        </NavMenu>
        <ZoneContext.Provider value={zone}>
          <SupportContext.Provider value={support}>
            <main>{children}</main>
          </SupportContext.Provider>
        </ZoneContext.Provider>
      </I18nextProvider>
    </AppProvider>
  )
}

/** Answers of Shopify's library, such as the page that fetches a session token, are shown as they are: they come before the frame. */
export function ErrorBoundary() {
  const error = useRouteError()
  const given = useOutletContext<Given | undefined>()
  if (!given) return boundary.error(error)
  return (
    <Frame given={given}>
      <Trouble />
    </Frame>
  )
}
