import type { AppLoadContext, EntryContext } from '@remix-run/node'
import { RemixServer } from '@remix-run/react'
import { renderToString } from 'react-dom/server'
import { brokenTexts } from './ui/frame/broken.server.ts'
import { Broken } from './ui/frame/broken.ts'
import { Nonce } from './ui/nonce.ts'

/** Renders a page. Pages here are small; nothing is streamed. */
export default function handleRequest(
  request: Request,
  status: number,
  headers: Headers,
  remix: EntryContext,
  { services, nonce }: AppLoadContext,
) {
  const html = renderToString(
    <Nonce.Provider value={nonce}>
      <Broken.Provider value={brokenTexts(request)}>
        <RemixServer context={remix} url={request.url} />
      </Broken.Provider>
    </Nonce.Provider>,
  )
  headers.set('content-type', 'text/html; charset=utf-8')
  // The support console is in nobody's frame, and its headers are set for all of its answers (app/runtime/support-headers.ts).
  if (nonce === undefined) services.embedded.protect(request, headers)
  return new Response(`<!doctype html>${html}`, { status, headers })
}

/** An error that no page expected. What Remix would print itself would miss the log, and its care for secrets. */
export function handleError(
  error: unknown,
  { request, context }: { request: Request; context: AppLoadContext },
) {
  if (request.signal.aborted) return
  context.services.log.error({ err: error, path: new URL(request.url).pathname }, 'page failed')
}
