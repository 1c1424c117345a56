/** Where a shop hears of its alerts: channels to the addresses that its merchant has given, in its language, or that of its admin, and by its clock, and a try of them. */
import { randomUUID } from 'node:crypto'
import type { Pool } from 'pg'
import { NOT_PUBLIC } from '../../public-network.ts'
import type { Sealer } from '../../secrets/seal.ts'
import { appPageUrl } from '../../shopify/app-page.ts'
import { readShopSettings, type ShopAlerts } from '../shop-settings.ts'
import { type EmailSettings, emailChannel, HookAnswer, type Told, webhookChannel } from './channels.ts'
import type { ShopChannelName } from './evaluate.ts'
import type { ShopChannels } from './notices.ts'
import { shopWording, type Wording } from './say.ts'

/** By what the app sends its mail; null: it cannot. */
export type Mailing = Pick<EmailSettings, 'from' | 'smtpUrl'> | null

/**
 * @param mailing a shop's mail goes the way of the operator's, to the shop's addresses only
 * @param apiKey the app's client id, by which mail leads to its pages
 */
export async function shopChannels(
  pool: Pool,
  sealer: Sealer,
  mailing: Mailing,
  shopId: number,
  apiKey: string,
): Promise<ShopChannels> {
  const [{ alerts, language }, { rows }] = await Promise.all([
    readShopSettings(pool, sealer, shopId),
    pool.query<{ domain: string; zone: string | null; admin: string | null }>(
      'select domain, time_zone as zone, admin_language as admin from shops where id = $1',
      [shopId],
    ),
  ])
  const { domain = '', zone = null, admin = null } = rows[0] ?? {}
  const page = (path: string) => appPageUrl(domain, apiKey, path)
  return channelsTo(alerts, mailing, shopWording(language ?? admin, zone, page))
}

function channelsTo({ emails, webhook }: ShopAlerts, mailing: Mailing, wording: Wording): ShopChannels {
  return {
    ...(mailing &&
      emails.length > 0 && {
        shop_email: emailChannel({ to: emails, from: mailing.from, smtpUrl: mailing.smtpUrl, wording }),
      }),
    ...(webhook && { shop_webhook: webhookChannel({ ...webhook, publicOnly: true, wording }) }),
  }
}

/** How a try ended. `answered`: with something else than 2xx, in `status`. */
export const TRIED = [
  'sent',
  'private',
  'unknown_host',
  'timeout',
  'answered',
  'unreachable',
  'mail_refused',
] as const
export type Tried = { channel: ShopChannelName; result: (typeof TRIED)[number]; status: number | null }

/** Sends a message that says it is a test on each channel that the shop has, side by side. @returns none: it has none */
export async function tryChannels(channels: ShopChannels, shop: string, now: Date): Promise<Tried[]> {
  const test: Told = {
    ...{ shop, vendor: 'Sluice', kind: 'test', level: 0, since: now, openedAt: now, resolvedAt: null },
    ...{ message: 'Alerts of this shop will arrive here.', waiting: null, goesOut: false },
  }
  const message = { id: randomUUID().replaceAll('-', ''), at: now, alerts: [test], more: 0 }
  const names = Object.keys(channels) as ShopChannelName[]
  return Promise.all(
    names.map(async channel => {
      try {
        await channels[channel]?.send(message)
        return { channel, result: 'sent' as const, status: null }
      } catch (error) {
        const status = error instanceof HookAnswer ? error.status : null
        return {
          channel,
          result: channel === 'shop_email' ? ('mail_refused' as const) : resultOf(error),
          status,
        }
      }
    }),
  )
}

function resultOf(error: unknown): Tried['result'] {
  if (error instanceof HookAnswer) return 'answered'
  const { code, name } = Object(error) as { code?: unknown; name?: unknown }
  if (code === NOT_PUBLIC) return 'private'
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'unknown_host'
  if (name === 'TimeoutError' || String(code).endsWith('_TIMEOUT')) return 'timeout'
  return 'unreachable'
}
