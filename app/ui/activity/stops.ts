/** What is started for a tool that sends nothing waits: said before it is started, and after. */
import { useTranslation } from 'react-i18next'
import type { ShownStop } from '../../runtime/merchant-vendors.ts'
import { useSay } from '../i18n.ts'
import { useTime } from '../times.ts'

type Stops = {
  /** Why what is sent again will wait, and until when as far as that is known. */
  before(name: string, stop: ShownStop): string
  /** Why it waits now. @param stop null: it is not known */
  after(stop: ShownStop | null): string
}

export function useStops(): Stops {
  const { t } = useTranslation()
  const say = useSay()
  const time = useTime()
  return {
    before(name, stop) {
      if (stop.kind === 'off') return t('activity.stopped.off', { name })
      if (stop.kind === 'attention') return t('activity.stopped.attention', { name, why: say(stop.why) })
      const since = time(stop.since)
      return stop.until
        ? t('activity.stopped.heldUntil', { name, since, until: time(stop.until) })
        : t('activity.stopped.held', { name, since })
    },
    after: stop => t(stop ? `activity.waits.${stop.kind}` : 'activity.replay.oneHeld'),
  }
}
