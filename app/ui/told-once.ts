import { useEffect, useRef } from 'react'

/**
 * Tells an answer once, when it has come and nothing is under way any more, however often the page is drawn again meanwhile.
 * @param answer undefined or null: none has come yet
 */
export function useToldOnce<A>(
  { state, data }: { state: string; data: A | null | undefined },
  tell: (answer: A) => void,
): void {
  const told = useRef<A | null>(null)
  useEffect(() => {
    if (state !== 'idle' || data === undefined || data === null || told.current === data) return
    told.current = data
    tell(data)
  }, [state, data, tell])
}

/** Does something once, when the part is first on the page. */
export function useOnce(run: () => void): void {
  const ran = useRef(false)
  useEffect(() => {
    if (ran.current) return
    ran.current = true
    run()
  }, [run])
}
