/** A page that is asked for again by itself stays as it is where that fails: somebody may be typing in it. It then says of when it is. */
import { type ClientLoaderFunctionArgs, useLocation } from '@remix-run/react'
import { useEffect } from 'react'
import { statusOf, type Why, whyOf } from './answered.ts'

/** `kept`: of a page that could not be had anew: when it was asked for (ISO 8601), and why it could not. */
export type Kept<T> = T & { kept?: { asOf: string; why: Why } }

const shown = new Map<string, { page: object; asOf: string }>()
/** With what is asked for in it: another period, or another search, is another page. @param address relative, or of a request */
const placeOf = (address: string) => {
  const { pathname, search } = new URL(address, 'http://s')
  return pathname + search
}

/** Call on a page whose route's `clientLoader` is `orKept`. @param page what its loader gave */
export function useKept(page: Kept<object>): void {
  const { pathname, search } = useLocation()
  const at = placeOf(pathname + search)
  useEffect(() => {
    shown.set(at, { page, asOf: page.kept?.asOf ?? new Date().toISOString() })
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
    const before = shown.get(placeOf(request.url))
    if (before === undefined || (statusOf(error) ?? 500) < 500) throw error
    return { ...(before.page as T), kept: { asOf: before.asOf, why: whyOf(error) } }
  }
}
