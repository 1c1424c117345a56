/** How a vendor stands: a badge, and the sentence that says why. */
import { Badge } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import type { VendorCard, VendorStatus } from '../../runtime/merchant-vendors.ts'
import { useSay } from '../i18n.ts'
import { useTime } from '../times.ts'

export const TONES = {
  none: undefined,
  off: undefined,
  attention: 'critical',
  disconnecting: 'info',
  refused: 'critical',
  held: 'warning',
  rests: 'warning',
  paused: 'attention',
  untested: 'warning',
  on: 'success',
} as const

export function StatusBadge({ status }: { status: VendorStatus }) {
  const { t } = useTranslation()
  return <Badge tone={TONES[status.kind]}>{t(`vendors.status.${status.kind}`)}</Badge>
}

/**
 * @returns a function that says why a vendor gets what happens, or does not. `saidAt`: the field of the key, or the box of
 * what was saved, says what is wrong, and nothing else says it again
 */
export function useWhy(): (name: string, status: VendorStatus, saidAt?: 'key' | 'box' | null) => string {
  const { t } = useTranslation()
  const time = useTime()
  const say = useSay()
  return (name, status, saidAt = null) => {
    switch (status.kind) {
      case 'none':
      case 'on':
      case 'untested':
        return t(`vendors.why.${status.kind}`, { name })
      case 'off': {
        const off = t('vendors.why.off', { name })
        if (status.attention === null) return off
        const also =
          saidAt && status.refused
            ? t(`vendors.why.alsoAt.${saidAt}`)
            : t('vendors.why.also', { why: say(status.attention) })
        return `${off} ${also}`
      }
      case 'refused':
        return saidAt
          ? t(`vendors.why.refusedAt.${saidAt}`)
          : t('vendors.why.refused', { why: say(status.why) })
      case 'held':
        return t('vendors.held.reason', { reason: status.reason })
      case 'attention':
        return saidAt && status.refused ? t(`vendors.why.stoppedAt.${saidAt}`) : say(status.why)
      case 'disconnecting':
        return say(status.why)
      case 'rests': {
        const { until, everyShop, over } = status
        const why = say(status.why)
        const rests = over
          ? t('vendors.why.restsOver', { why })
          : t('vendors.why.rests', { time: time(until), why })
        return everyShop ? `${rests} ${t('vendors.why.everyShop')}` : rests
      }
      case 'paused': {
        const paused = t('vendors.why.paused', { time: time(status.until) })
        return status.why === null
          ? paused
          : `${paused} ${t('vendors.why.because', { why: say(status.why) })}`
      }
    }
  }
}

/** Whether the vendor waits for credentials that it accepts. */
export const isKeyRefusal = (status: VendorStatus) =>
  (status.kind === 'attention' || status.kind === 'off') && status.refused

/** @returns a function that says what came of the last test; why it failed only where the status does not say it */
export function useTestSentence(): (test: VendorCard['test'], status: VendorStatus) => string {
  const { t } = useTranslation()
  const time = useTime()
  const say = useSay()
  return (test, status) => {
    if (!test) return t('vendors.test.never')
    if (test.ok) return t('vendors.test.passed', { time: time(test.at) })
    // In other words maybe: what a test answers and what anything else does differ.
    const isSaid = status.kind === 'refused' || (test.refused && isKeyRefusal(status))
    return isSaid || test.message === null
      ? t('vendors.test.failedOn', { time: time(test.at) })
      : t('vendors.test.failed', { time: time(test.at), message: say(test.message) })
  }
}
