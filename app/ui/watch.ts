import { useRevalidator } from '@remix-run/react'
import { useEffect, useRef, useState } from 'react'

const LOOK_EVERY_MS = 5_000
/** Of a page that may stand open for hours with nothing to wait for. */
export const SELDOM_MS = 15_000
/** What is on its way arrives within a second as a rule. */
const SOON_MS = 1_000
const WATCH_AFTER_MS = 60_000

/** Looks again and again, while the page is looked at. @param look what it does then: the newest of what was given */
export function useLooking(looking: boolean, everyMs: number, look: () => void): void {
  const newest = useRef(look)
  useEffect(() => {
    newest.current = look
  })
  useEffect(() => {
    if (!looking) return
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') newest.current()
    }, everyMs)
    return () => clearInterval(timer)
  }, [looking, everyMs])
}

/** While something is under way that ends by itself, or is done elsewhere, the page shows it without a reload. @param everyMs how often it looks */
export function useWatch(watching: boolean, everyMs = LOOK_EVERY_MS): void {
  const revalidator = useRevalidator()
  useLooking(watching, everyMs, () => {
    if (revalidator.state === 'idle') revalidator.revalidate()
  })
}

/**
 * After something was done: until what it set going has stood as it is for a minute. A page that nobody looks at any more must not go on asking.
 * @param moving what goes on changing, as text; null: nothing is left that could
 * @returns says that it was done
 */
export function useWatchAfter(moving: string | null): () => void {
  const [since, setSince] = useState<number | null>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: each change begins the minute anew
  useEffect(() => {
    if (since === null) return
    const timer = setTimeout(() => setSince(null), WATCH_AFTER_MS)
    return () => clearTimeout(timer)
  }, [since, moving])
  useWatch(since !== null, moving === null ? LOOK_EVERY_MS : SOON_MS)
  return () => setSince(Date.now())
}
