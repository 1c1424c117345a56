import { type RefObject, useEffect, useRef } from 'react'

/**
 * What was found anew gets the focus: what led there, a button of a form or a way to the next page, is drawn anew with it or gone, and
 * whoever works by keyboard or listens goes on with what was found.
 * @param asked what is asked for; the first time nothing happens
 * @returns for the part that shows it, which needs a tabIndex
 */
export function useFocusOnNew(asked: string): RefObject<HTMLElement> {
  const part = useRef<HTMLElement>(null)
  const shown = useRef(asked)
  useEffect(() => {
    if (shown.current === asked) return
    shown.current = asked
    // Where the page is scrolled to is not its business.
    part.current?.focus({ preventScroll: true })
  }, [asked])
  return part
}
