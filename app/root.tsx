import type { LoaderFunctionArgs } from '@remix-run/node'
import { Links, Meta, Outlet, Scripts, ScrollRestoration, useRouteLoaderData } from '@remix-run/react'
import { useContext, useState } from 'react'
import type { loader as frameLoader } from './routes/app.tsx'
import { brokenTexts } from './ui/frame/broken.server.ts'
import { Broken } from './ui/frame/broken.ts'
import { Nonce } from './ui/nonce.ts'

/** What a page needs to say should it break in the browser. */
export const loader = ({ request }: LoaderFunctionArgs) => brokenTexts(request)

/** Once is enough. */
export const shouldRevalidate = () => false

export default function App() {
  const given = useRouteLoaderData<typeof frameLoader>('routes/app')
  // An action that failed takes the data of the frame that is to say so.
  const [merchant, setMerchant] = useState(given)
  if (given && given !== merchant) setMerchant(given)
  const nonce = useContext(Nonce)
  return (
    <html lang={merchant?.language ?? 'en'}>
      <head>
        {/* Shopify wants App Bridge before any other script: https://shopify.dev/docs/api/app-bridge-library */}
        {merchant && <script src={merchant.bridge.url} data-api-key={merchant.bridge.apiKey} />}
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <Meta />
        <Links />
      </head>
      <body>
        <Outlet context={merchant} />
        <ScrollRestoration nonce={nonce} />
        <Scripts nonce={nonce} />
      </body>
    </html>
  )
}

/** Where not even a frame can be shown; what went wrong is for the log, not for whoever reads. As it comes from the server it needs no code. */
export function ErrorBoundary() {
  const given = useRouteLoaderData<typeof loader>('root')
  const texts = useContext(Broken) ?? given
  return (
    <html lang={texts?.language ?? 'en'}>
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Sluice</title>
      </head>
      <body>
        <main style={{ fontFamily: 'system-ui, sans-serif', padding: '2rem' }}>
          <div role="alert">
            <h1>{texts?.title ?? 'Sluice'}</h1>
          </div>
          <p>{texts?.help}</p>
        </main>
      </body>
    </html>
  )
}
