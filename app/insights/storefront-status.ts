/** Whether a shop's storefront is heard: by the theme's embed and by the web pixel, each with when it last sent anything. */
import type { Pool } from 'pg'

/** A storefront with any visitors at all is heard within a day. */
const SILENT_AFTER_HOURS = 24

/** `live`: heard within a day. `silent`: heard once, but not lately. `never`: not at all. */
export type CollectorState = { state: 'live' | 'silent' | 'never'; lastAt: Date | null }
export type StorefrontStatus = { embed: CollectorState; pixel: CollectorState }

/** @throws when there is no such shop */
export async function storefrontStatus(pool: Pool, shopId: number): Promise<StorefrontStatus> {
  const { rows } = await pool.query<{
    embedAt: Date | null
    pixelAt: Date | null
    embedLive: boolean | null
    pixelLive: boolean | null
  }>(
    `select storefront_heard_at as "embedAt", pixel_heard_at as "pixelAt",
            storefront_heard_at > now() - make_interval(hours => $2) as "embedLive",
            pixel_heard_at > now() - make_interval(hours => $2) as "pixelLive"
     from shops where id = $1`,
    [shopId, SILENT_AFTER_HOURS],
  )
  const [row] = rows
  if (!row) throw new Error(`there is no shop ${shopId}`)
  return { embed: heard(row.embedAt, row.embedLive), pixel: heard(row.pixelAt, row.pixelLive) }
}

function heard(lastAt: Date | null, live: boolean | null): CollectorState {
  return { state: lastAt === null ? 'never' : live === true ? 'live' : 'silent', lastAt }
}
