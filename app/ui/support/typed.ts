/** What is typed on a page of the console, and is there again once its person has signed in again: a session ends at any moment. */
import { useLocation, useRouteLoaderData } from '@remix-run/react'
import { useEffect, useRef, useState } from 'react'

const SIGN_IN = '/support/sign-in'

/**
 * Like `useState` of a text. Kept in this tab alone, for the same person and page, and only while they sign in.
 * @param name tells it from what else is typed on the page
 */
export function useTyped(name: string, first = ''): [typed: string, change: (typed: string) => void] {
  const [typed, change] = useState(first)
  const { pathname, search } = useLocation()
  const staff = useRouteLoaderData('routes/support') as { email: string } | undefined
  const latest = useRef({ key: '', typed })
  latest.current = { key: `typed:${staff?.email}:${pathname}${search}:${name}`, typed }
  useEffect(() => {
    const kept = takeKept(latest.current.key)
    if (kept !== null) change(kept)
    return () => {
      const { key, typed } = latest.current
      if (window.location.pathname === SIGN_IN && typed !== '') keep(key, typed)
    }
  }, [])
  return [typed, change]
}

/** A browser may have nowhere to keep it. */
function takeKept(key: string): string | null {
  try {
    const kept = sessionStorage.getItem(key)
    sessionStorage.removeItem(key)
    return kept
  } catch {
    return null
  }
}

function keep(key: string, typed: string): void {
  try {
    sessionStorage.setItem(key, typed)
  } catch {}
}
