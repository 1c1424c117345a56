/** Whether a shop's storefront is heard: by the theme's embed and by the web pixel, each with when it last sent anything. */
import type { Pool } from 'pg'

/** A storefront with any visitors at all is heard within a day. */
const SILENT_AFTER_MS = 24 * 3600 * 1000

/** `live`: heard within a day. `silent`: heard once, but not lately. `never`: not at all. */
export type CollectorState = { state: 'live' | 'silent' | 'never'; lastAt: Date | null }
export type StorefrontStatus = { embed: CollectorState; pixel: CollectorState }

/** @param now by this process's clock: a day is long beside what nodes' clocks differ @throws when there is no such shop */
export async function storefrontStatus(
  pool: Pool,
  shopId: number,
  now = new Date(),
): Promise<StorefrontStatus> {
  const { rows } = await pool.query<{ embedAt: Date | null; pixelAt: Date | null }>(
    'select storefront_heard_at as "embedAt", pixel_heard_at as "pixelAt" from shops where id = $1',
    [shopId],
  )
  const [row] = rows
  if (!row) throw new Error(`there is no shop ${shopId}`)
  const heard = (lastAt: Date | null): CollectorState => {
    if (lastAt === null) return { state: 'never', lastAt }
    return { state: now.getTime() - lastAt.getTime() < SILENT_AFTER_MS ? 'live' : 'silent', lastAt }
  }
  return { embed: heard(row.embedAt), pixel: heard(row.pixelAt) }
}
