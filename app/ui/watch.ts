import { useRevalidator } from '@remix-run/react'
import { useEffect, useState } from 'react'

const LOOK_EVERY_MS = 5_000
/** Of a page that may stand open for hours with nothing to wait for. */
export const SELDOM_MS = 15_000
const WATCH_AFTER_MS = 60_000

/** While something is under way that ends by itself, or is done elsewhere, the page shows it without a reload. @param everyMs how often it looks */
export function useWatch(watching: boolean, everyMs = LOOK_EVERY_MS): void {
  const revalidator = useRevalidator()
  useEffect(() => {
    if (!watching) return
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible' && revalidator.state === 'idle') revalidator.revalidate()
    }, everyMs)
    return () => clearInterval(timer)
  }, [watching, everyMs, revalidator])
}

/** For a minute after something was done: a page that nobody looks at any more must not go on asking. @returns says that it was done */
export function useWatchAfter(): () => void {
  const [since, setSince] = useState<number | null>(null)
  useEffect(() => {
    if (since === null) return
    const timer = setTimeout(() => setSince(null), WATCH_AFTER_MS)
    return () => clearTimeout(timer)
  }, [since])
  useWatch(since !== null)
  return () => setSince(Date.now())
}
