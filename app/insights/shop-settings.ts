/** What a merchant has set for the shop as a whole: how long events are kept, the language of the pages, who hears of alerts. */
import type { Pool, PoolClient } from 'pg'
import { z } from 'zod'
import { withTransaction } from '../db/database.ts'
import type { Sealer } from '../secrets/seal.ts'
import { SHOP_CHANNELS, type ShopChannelName } from './alerts/evaluate.ts'
import { ALERT_KINDS, type AlertKind } from './alerts/thresholds.ts'

/** `secret` signs what is posted, when there is one. */
export type ShopWebhook = { url: string; secret: string | null }
export type ShopAlerts = { emails: string[]; webhook: ShopWebhook | null; kinds: AlertKind[] }
export type ShopSettings = {
  /** In days; null: as long as the platform keeps any. */
  retentionDays: number | null
  /** Of the pages ("pt-BR"); null: that of Shopify's admin. */
  language: string | null
  alerts: ShopAlerts
}

/** What is sealed: addresses are people's, and who knows a webhook's can write to it. */
const sealedSchema = z.object({
  emails: z.array(z.string()),
  webhook: z.object({ url: z.string(), secret: z.string().nullable() }).nullable(),
})
export const alertContext = (shopId: number) => [String(shopId), 'alerts']
const NOBODY = { emails: [], webhook: null }

type Row = {
  retention_days: number | null
  language: string | null
  alert_to: string | null
  alert_kinds: string[]
}

/** @throws when there is no such shop */
export async function readShopSettings(
  pool: Pool | PoolClient,
  sealer: Sealer,
  shopId: number,
): Promise<ShopSettings> {
  const { rows } = await pool.query<Row>(
    'select retention_days, language, alert_to, alert_kinds from shops where id = $1',
    [shopId],
  )
  const [row] = rows
  if (!row) throw new Error(`there is no shop ${shopId}`)
  const opened = row.alert_to === null ? null : sealer.tryUnseal(row.alert_to, alertContext(shopId))
  return {
    retentionDays: row.retention_days,
    language: row.language,
    alerts: {
      ...(opened === null ? NOBODY : sealedSchema.parse(JSON.parse(opened))),
      kinds: ALERT_KINDS.filter(kind => row.alert_kinds.includes(kind)),
    },
  }
}

/**
 * Saves all of it. What was to be told on a channel that is gone is not told any more; where one is new, what is wrong now is
 * told with the next evaluation.
 */
export async function saveShopSettings(
  pool: Pool,
  sealer: Sealer,
  shopId: number,
  { retentionDays, language, alerts: { emails, webhook, kinds } }: ShopSettings,
): Promise<void> {
  const channels = channelsFor({ emails, webhook })
  const sealed =
    channels.length === 0 ? null : sealer.seal(JSON.stringify({ emails, webhook }), alertContext(shopId))
  await withTransaction(pool, async client => {
    await client.query(
      `update shops set retention_days = $2, language = $3, alert_to = $4, alert_channels = $5, alert_kinds = $6
       where id = $1`,
      [shopId, retentionDays, language, sealed, channels, kinds],
    )
    await client.query(
      `delete from alert_notices where shop_id = $1 and channel = any($2) and sent_at is null`,
      [shopId, SHOP_CHANNELS.filter(channel => !channels.includes(channel))],
    )
  })
}

function channelsFor({ emails, webhook }: Pick<ShopAlerts, 'emails' | 'webhook'>): ShopChannelName[] {
  return SHOP_CHANNELS.filter(channel => (channel === 'shop_email' ? emails.length > 0 : webhook !== null))
}
