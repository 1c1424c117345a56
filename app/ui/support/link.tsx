import { Link } from '@remix-run/react'
import type { AppProviderProps } from '@shopify/polaris'
import type { ComponentProps } from 'react'

type LinkProps = ComponentProps<NonNullable<AppProviderProps['linkComponent']>>

/** Polaris's links as the router's: a page of the console is fetched without leaving the one that is open. */
export function ConsoleLink({ url, external, children, ...rest }: LinkProps) {
  if (external || /^[a-z]+:/.test(url))
    return (
      <a href={url} target="_blank" rel="noopener noreferrer" {...rest}>
        {children}
      </a>
    )
  // A file is no page: the browser takes it, not the router.
  if (rest.download !== undefined && rest.download !== false)
    return (
      <a href={url} {...rest}>
        {children}
      </a>
    )
  return (
    <Link to={url} {...rest}>
      {children}
    </Link>
  )
}
