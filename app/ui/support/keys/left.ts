/** Tells the server that the page was left while it sealed anew: nothing else would, for each step is a request of the page. */
import { useEffect, useRef } from 'react'
import { z } from 'zod'

/**
 * What the next step is begun with. It names whose values were lost, in each column under each key; what a browser sends on its way out may
 * have 64 KiB (https://fetch.spec.whatwg.org/#http-network-or-cache-fetch).
 */
export const goingText = z.string().max(40_000)

/** @param going of the last step; null: the first is on its way; undefined: nothing is going on */
export function useTellLeft(going: string | null | undefined): void {
  const last = useRef(going)
  useEffect(() => {
    last.current = going
  }, [going])
  useEffect(() => {
    const tell = () => {
      if (last.current === undefined) return
      const body = new URLSearchParams(last.current === null ? {} : { going: last.current })
      last.current = undefined
      // It outlives the page. Nobody is there to be told that it failed.
      fetch('/support/keys/left', { method: 'POST', body, keepalive: true }).catch(() => {})
    }
    window.addEventListener('pagehide', tell)
    return () => {
      window.removeEventListener('pagehide', tell)
      tell()
    }
  }, [])
}
