/** What is typed on a page of the console, and is there again once its person has signed in again: a session ends at any moment. */
import { useLocation, useRouteLoaderData } from '@remix-run/react'
import { useEffect, useRef, useState } from 'react'
import { useOnce } from '../told-once.ts'

const SIGN_IN = '/support/sign-in'
const ALL = 'typed:'
const keysOf = (email: string | undefined) => `${ALL}${email}:`

/**
 * Like `useState` of a text. Kept in this tab alone, for the same person and page, and only while they sign in to come back.
 * @param name tells it from what else is typed on the page
 * @param first what stands there before anything is typed
 */
export function useTyped(name: string, first = ''): [typed: string, change: (typed: string) => void] {
  const [typed, change] = useState(first)
  const began = useRef(first)
  const { pathname, search } = useLocation()
  const staff = useRouteLoaderData('routes/support') as { email: string } | undefined
  const latest = useRef({ key: '', typed })
  latest.current = { key: `${keysOf(staff?.email)}${pathname}${search}:${name}`, typed }
  useEffect(() => {
    const kept = takeKept(latest.current.key)
    if (kept !== null) change(kept)
    return () => {
      const { key, typed } = latest.current
      if (isAtSignIn() && comesBack() && typed !== began.current) keep(key, typed)
    }
  }, [])
  return [typed, change]
}

/**
 * Opens again what somebody had opened to type in. Asked for before its `useTyped`, which takes what was kept.
 * @param names of what is typed there
 * @param open given the first of them of which something was kept
 */
export function useReopened(names: readonly string[], open: (name: string) => void): void {
  const { pathname, search } = useLocation()
  const staff = useRouteLoaderData('routes/support') as { email: string } | undefined
  useOnce(() => {
    const kept = names.find(name => isKept(`${keysOf(staff?.email)}${pathname}${search}:${name}`))
    if (kept !== undefined) open(kept)
  })
}

/** What somebody else typed in this tab is forgotten when the console opens, and what one typed oneself when one signs out. */
export function useForgetting(email: string): void {
  useEffect(() => {
    forget(key => !key.startsWith(keysOf(email)))
    return () => {
      if (isAtSignIn() && !comesBack()) forget(() => true)
    }
  }, [email])
}

const isAtSignIn = () => window.location.pathname === SIGN_IN
/** Whoever signs out does not mean to. */
const comesBack = () => new URLSearchParams(window.location.search).has('to')

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

function isKept(key: string): boolean {
  try {
    return sessionStorage.getItem(key) !== null
  } catch {
    return false
  }
}

function keep(key: string, typed: string): void {
  try {
    sessionStorage.setItem(key, typed)
  } catch {}
}

function forget(isForgotten: (key: string) => boolean): void {
  try {
    for (const key of Object.keys(sessionStorage))
      if (key.startsWith(ALL) && isForgotten(key)) sessionStorage.removeItem(key)
  } catch {}
}
