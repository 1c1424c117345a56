import type { LinksFunction, LoaderFunctionArgs, MetaFunction } from '@remix-run/node'
import { Outlet, useLoaderData, useRouteLoaderData } from '@remix-run/react'
import polarisStyles from '@shopify/polaris/build/esm/styles.css?url'
import { useAhead } from '../ui/ahead.ts'
import { Console } from '../ui/support/console.tsx'
import { Room } from '../ui/support/room.tsx'
import { CONSOLE_TEXTS } from '../ui/support/texts.ts'
import { ConsoleTrouble } from '../ui/support/trouble.tsx'

export const links: LinksFunction = () => [{ rel: 'stylesheet', href: polarisStyles }]
/** Of pages without a title of their own. */
export const meta: MetaFunction = () => [{ title: CONSOLE_TEXTS.frame.name }]

/** The frame of the console's pages. */
export async function loader({ request, context }: LoaderFunctionArgs) {
  const { email, role } = await context.services.support.enter(request)
  return { email, role }
}

/** Each page's loader verifies for itself; where Sluice cannot be asked, the frame must not take the page and what is typed with it. */
export const shouldRevalidate = () => false

export default function Support() {
  useAhead('routes/support')
  const staff = useLoaderData<typeof loader>()
  return (
    <Room>
      <Console staff={staff}>
        <Outlet />
      </Console>
    </Room>
  )
}

/** Of a page that failed, and of the frame itself, which then stays away. */
export function ErrorBoundary() {
  const staff = useRouteLoaderData<typeof loader>('routes/support')
  return (
    <Room>
      {staff ? (
        <Console staff={staff}>
          <ConsoleTrouble />
        </Console>
      ) : (
        <main>
          <ConsoleTrouble />
        </main>
      )}
    </Room>
  )
}
