import type { MetaFunction } from '@remix-run/node'

export const meta: MetaFunction = () => [{ title: 'Not found · Sluice' }]

/** Any address that nothing answers. */
export const loader = () => Response.json(null, { status: 404 })
export const action = () => new Response('Not found', { status: 404 })

export default function NotFound() {
  return (
    <main
      style={{
        font: '16px/1.6 system-ui, sans-serif',
        maxWidth: '40rem',
        margin: '4rem auto',
        padding: '0 1rem',
      }}
    >
      <h1>Nothing here</h1>
      <p>
        There is no such page. <a href="/">Back to the start</a>
      </p>
    </main>
  )
}
