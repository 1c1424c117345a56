import { isRouteErrorResponse, useRouteError } from '@remix-run/react'
import { Page } from '@shopify/polaris'
import { Nothing } from '../nothing.tsx'
import { Trouble } from './trouble.tsx'

type Props = { title: string; help: string; back: { content: string; url: string } }

/** What is shown in place of a page about one thing that failed: that there is no such thing (404), or what else is wrong. */
export function Missing({ title, help, back }: Props) {
  const error = useRouteError()
  if (!isRouteErrorResponse(error) || error.status !== 404) return <Trouble />
  return (
    <Page title={title} backAction={back}>
      <Nothing help={help} />
    </Page>
  )
}
