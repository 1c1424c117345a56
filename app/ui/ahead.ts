import { useEffect } from 'react'

type Manifest = { routes: Record<string, { id: string; module: string; imports?: string[] }> }

/**
 * Has the browser fetch the code of the other pages once this one stands: without a line Remix would load the whole window anew to get it,
 * and what is typed, and the page itself, would be gone.
 * @param of what the ids of their routes begin with
 */
export function useAhead(of: string): void {
  useEffect(() => {
    const fetchAll = () => {
      const { routes } = (window as unknown as { __remixManifest: Manifest }).__remixManifest
      const files = Object.values(routes)
        .filter(({ id }) => id.startsWith(of))
        .flatMap(({ module, imports = [] }) => [module, ...imports])
      for (const file of new Set(files)) {
        if (document.head.querySelector(`link[href="${file}"]`)) continue
        document.head.append(
          Object.assign(document.createElement('link'), { rel: 'modulepreload', href: file }),
        )
      }
    }
    // Safari knows no idle callbacks.
    const wait = window.requestIdleCallback ?? ((run: () => void) => window.setTimeout(run, 1_000))
    const forget = window.cancelIdleCallback ?? window.clearTimeout
    const waiting = wait(fetchAll)
    return () => forget(waiting)
  }, [of])
}
