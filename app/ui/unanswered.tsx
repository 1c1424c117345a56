/** That what a merchant sent was not answered: the page stays as it is, and says so. */
import { useAppBridge } from '@shopify/app-bridge-react'
import { Banner, Box } from '@shopify/polaris'
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import type { Unanswered } from './answered.ts'
import { focusBanner } from './focus.ts'
import { useToldOnce } from './told-once.ts'

const nothing = () => {}

/**
 * As `useToldOnce`, of a fetcher whose action is `orUnanswered`: that no answer came is told in a toast.
 * @returns that none came, until something else is asked for
 */
export function useAnswer<A>(
  asked: { state: string; data: A | null | undefined },
  tell: (answer: Exclude<A, Unanswered>) => void = nothing,
): Unanswered | null {
  const { t } = useTranslation()
  const bridge = useAppBridge()
  useToldOnce(asked, answer => {
    if (isUnanswered(answer))
      bridge.toast.show(t(`frame.unanswered.${answer.saves ? 'notSaved' : 'notDone'}`), { isError: true })
    else tell(answer as Exclude<A, Unanswered>)
  })
  return asked.state === 'idle' && isUnanswered(asked.data) ? asked.data : null
}

const isUnanswered = (answer: unknown): answer is Unanswered =>
  typeof answer === 'object' && answer !== null && 'kind' in answer && answer.kind === 'unanswered'

/** Why it was not done, and what to do. It takes no focus. */
export function NotDone({ answer: { why, saves } }: { answer: Unanswered }) {
  const { t } = useTranslation()
  return (
    <Banner tone="critical" title={t(`frame.unanswered.${saves ? 'notSaved' : 'notDone'}`)}>
      <p>{t(`frame.unanswered.${why}`)}</p>
    </Banner>
  )
}

/** The same above what it is about, with the focus: what was pressed may be far below. */
export function NotDoneAbove({ answer }: { answer: Unanswered | null }) {
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (answer) focusBanner(place.current)
  }, [answer])
  return (
    <div ref={place} aria-live="polite">
      {answer && (
        <Box paddingBlockEnd="400">
          <NotDone answer={answer} />
        </Box>
      )}
    </div>
  )
}
