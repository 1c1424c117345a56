import type { HeadersFunction, LinksFunction, LoaderFunctionArgs, MetaFunction } from '@remix-run/node'
import { Link, Outlet, useLoaderData, useRouteError } from '@remix-run/react'
import { NavMenu } from '@shopify/app-bridge-react'
import polarisStyles from '@shopify/polaris/build/esm/styles.css?url'
import { AppProvider } from '@shopify/shopify-app-remix/react'
import { boundary } from '@shopify/shopify-app-remix/server'
import { useState } from 'react'
import { I18nextProvider } from 'react-i18next'
import { textsIn } from '../ui/i18n.ts'
import { languageOf } from '../ui/languages.ts'
import { POLARIS_TEXTS, TEXTS } from '../ui/texts.server.ts'

export const links: LinksFunction = () => [{ rel: 'stylesheet', href: polarisStyles }]
/** Of pages without a title of their own. */
export const meta: MetaFunction = () => [{ title: 'Sluice' }]
export const headers: HeadersFunction = args => boundary.headers(args)

/** The frame of all merchant's pages. */
export async function loader({ request, context }: LoaderFunctionArgs) {
  const { merchant, embedded } = context.services
  await merchant.enter(request)
  const wanted = request.headers.get('accept-language')?.split(',') ?? []
  const language = languageOf([new URL(request.url).searchParams.get('locale'), ...wanted])
  return { bridge: embedded.bridge, language, texts: TEXTS[language], polaris: POLARIS_TEXTS[language] }
}

/** Once is enough: neither the language nor the app changes while the page lives, and each page's loader verifies for itself. */
export const shouldRevalidate = () => false

export default function Merchant() {
  const { bridge, language, texts, polaris } = useLoaderData<typeof loader>()
  const [i18n] = useState(() => textsIn(language, texts))
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
        </NavMenu>
        <Outlet />
      </I18nextProvider>
    </AppProvider>
  )
}

/** Answers of Shopify's library, such as the page that fetches a session token, are shown as they are. */
export function ErrorBoundary() {
  return boundary.error(useRouteError())
}
