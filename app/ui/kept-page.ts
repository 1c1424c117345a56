/** A page that is asked for again by itself stays as it is where that fails: somebody may be typing in it. It then says of when it is. */
import { type ClientLoaderFunctionArgs, isRouteErrorResponse, useLocation } from '@remix-run/react'
import { useEffect } from 'react'

/** `keptOf`: ISO 8601, when it was asked for, of a page that could not be had anew. */
export type Kept<T> = T & { keptOf?: string }

const shown = new Map<string, object>()
/** With what is asked for in it: another period, or another search, is another page. @param address relative, or of a request */
const placeOf = (address: string) => {
  const { pathname, search } = new URL(address, 'https://sluice.invalid')
  return pathname + search
}

/** Call on a page whose route's `clientLoader` is `orKept`. @param page what its loader gave */
export function useKept(page: Kept<object>): void {
  const { pathname, search } = useLocation()
  const at = placeOf(pathname + search)
  useEffect(() => {
    shown.set(at, { keptOf: new Date().toISOString(), ...page })
    return () => {
      shown.delete(at)
    }
  }, [at, page])
}

/** As a route's `clientLoader`: what is shown where the server cannot be asked, or fails. What it refuses is told. */
export async function orKept<T extends object>({
  serverLoader,
  request,
}: ClientLoaderFunctionArgs): Promise<Kept<T>> {
  try {
    return (await serverLoader<T>()) as T
  } catch (error) {
    const kept = shown.get(placeOf(request.url))
    const isAnswer = (error instanceof Response || isRouteErrorResponse(error)) && error.status < 500
    if (kept === undefined || isAnswer) throw error
    return kept as Kept<T>
  }
}
