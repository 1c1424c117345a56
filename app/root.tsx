import { Links, Meta, Outlet, Scripts, ScrollRestoration, useRouteLoaderData } from '@remix-run/react'
import { useContext, useState } from 'react'
import type { loader } from './routes/app.tsx'
import { Nonce } from './ui/nonce.ts'

export default function App() {
  const given = useRouteLoaderData<typeof loader>('routes/app')
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

/** Where not even a frame can be shown, and so in no language but this; what went wrong is for the log, not for whoever reads. */
export function ErrorBoundary() {
  const nonce = useContext(Nonce)
  return (
    <html lang="en">
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Sluice</title>
      </head>
      <body>
        <main style={{ fontFamily: 'system-ui, sans-serif', padding: '2rem' }}>
          <h1 role="alert">This page could not be shown</h1>
          <p>Load it again in a minute.</p>
        </main>
        <Scripts nonce={nonce} />
      </body>
    </html>
  )
}
