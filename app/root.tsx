import { Links, Meta, Outlet, Scripts, ScrollRestoration, useRouteLoaderData } from '@remix-run/react'
import { useContext } from 'react'
import type { loader } from './routes/app.tsx'
import { Nonce } from './ui/nonce.ts'

export default function App() {
  const merchant = useRouteLoaderData<typeof loader>('routes/app')
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
        <Outlet />
        <ScrollRestoration nonce={nonce} />
        <Scripts nonce={nonce} />
      </body>
    </html>
  )
}
