/** A page that is asked for again by itself stays as it is where that fails: somebody may be typing in it. It then says of when it is. */
import { type ClientLoaderFunctionArgs, isRouteErrorResponse } from '@remix-run/react'
import { useEffect } from 'react'

/** `keptOf`: ISO 8601, when it was asked for, of a page that could not be had anew. */
export type Kept<T> = T & { keptOf?: string }

const shown = new Map<string, object>()
const placeOf = (request: Request) => new URL(request.url).pathname

/** Call on a page whose route's `clientLoader` is `orKept`. @param at its path @param page what its loader gave */
export function useKept(at: string, page: Kept<object>): void {
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
    const kept = shown.get(placeOf(request))
    const isAnswer = (error instanceof Response || isRouteErrorResponse(error)) && error.status < 500
    if (kept === undefined || isAnswer) throw error
    return kept as Kept<T>
  }
}
