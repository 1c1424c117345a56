/** The chores of a worker: what comes round, beside the draining of lanes. */
import type { AlertConfig } from '../config-alerts.ts'
import { deriveAbandoned } from '../delivery/abandoned.ts'
import type { Chore } from '../delivery/chores.ts'
import { lanesDue } from '../delivery/due.ts'
import { emailChannel, webhookChannel } from '../insights/alerts/channels.ts'
import { type ChannelName, evaluateAlerts } from '../insights/alerts/evaluate.ts'
import { tellAlerts } from '../insights/alerts/notices.ts'
import type { IngestContext } from './webhooks.ts'

/** How many lanes one sweep signals. */
const SWEEP_LANES = 1000

type ChoreContext = Pick<IngestContext, 'pool' | 'sealer' | 'vendors' | 'log' | 'signal'>

export function choresOf(context: ChoreContext, alerts: AlertConfig): Chore[] {
  const { pool, log } = context
  const channels = {
    ...(alerts.email && { email: emailChannel(alerts.email) }),
    ...(alerts.webhook && { webhook: webhookChannel(alerts.webhook) }),
  }
  const rules = { ageMinutes: alerts.ageMinutes, channels: Object.keys(channels) as ChannelName[] }
  return [
    {
      name: 'sweep',
      everySeconds: 10,
      run: async () => context.signal(await lanesDue(pool, SWEEP_LANES)),
    },
    {
      name: 'abandoned-checkouts',
      everySeconds: 60,
      run: lost => deriveAbandoned(context, new Date(), lost),
    },
    {
      name: 'alerts',
      everySeconds: 60,
      run: () => evaluateAlerts(pool, rules, new Date()),
    },
    // Apart from the evaluation, which a mail server that hangs must not delay.
    {
      name: 'alert-notices',
      everySeconds: 60,
      run: () => tellAlerts(pool, channels, log, new Date()),
    },
  ]
}
