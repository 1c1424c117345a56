import type { MetaFunction } from '@remix-run/node'

export const meta: MetaFunction = () => [{ title: 'Sluice' }]

/** The bare address: says what answers here. Merchants come in through Shopify's admin. */
export default function Index() {
  return (
    <main
      style={{
        font: '16px/1.6 system-ui, sans-serif',
        maxWidth: '40rem',
        margin: '4rem auto',
        padding: '0 1rem',
      }}
    >
      <h1>Sluice</h1>
      <p>
        Sluice turns what happens in a Shopify store into store events and delivers each to the marketing
        tools the merchant connected: every event once, and where it did not arrive, with the reason.
      </p>
      <p>
        The server runs. <a href="/healthz">/healthz</a> says that it answers, <a href="/readyz">/readyz</a>{' '}
        that it can keep what it is sent.
      </p>
    </main>
  )
}
