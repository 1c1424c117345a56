/**
 * The shop's web pixel: an extension of the app that runs only once it was activated for the shop, with settings that name
 * where it sends (https://shopify.dev/docs/apps/build/marketing-analytics/build-web-pixels). A shop has one pixel of an app.
 */
import { z } from 'zod'
import type { Admin, AdminResult } from './client.ts'
import type { AdminFailure } from './failure.ts'
import {
  keepPixel,
  type PixelContext,
  type PixelSettings,
  type PixelShop,
  type PixelState,
  type PixelTrouble,
  pixelState,
  readPixel,
  refusePixel,
} from './pixel-state.ts'
import { learnShop } from './shop-facts.ts'

const webPixel = z.object({ id: z.string().min(1).max(200) })
/** https://shopify.dev/docs/api/admin-graphql/latest/enums/ErrorsWebPixelUserErrorCode; a code may be missing or new. */
const changed = z.object({
  webPixel: webPixel.nullish(),
  userErrors: z.array(z.object({ code: z.string().nullish(), message: z.string().catch('') })),
})

const CREATE = {
  query: `mutation SluicePixelCreate($webPixel: WebPixelInput!) {
  webPixelCreate(webPixel: $webPixel) { webPixel { id } userErrors { code field message } }
}`,
  schema: z
    .object({ webPixelCreate: changed.nullish() })
    .transform(({ webPixelCreate }) => webPixelCreate ?? null),
}
const UPDATE = {
  query: `mutation SluicePixelUpdate($id: ID!, $webPixel: WebPixelInput!) {
  webPixelUpdate(id: $id, webPixel: $webPixel) { webPixel { id } userErrors { code field message } }
}`,
  schema: z
    .object({ webPixelUpdate: changed.nullish() })
    .transform(({ webPixelUpdate }) => webPixelUpdate ?? null),
}
/** Without an id: the app's own. */
const FIND = {
  query: 'query SluicePixel { webPixel { id } }',
  schema: z.object({ webPixel: webPixel.nullish() }).transform(({ webPixel }) => webPixel?.id ?? null),
}

type Changed = { id: string } | { trouble: PixelTrouble; log: string }

/**
 * Gives the shop's pixel its settings, creating it where there is none, and remembers which, and which pages it may send from. May be called at any time and
 * from several processes: it comes to the same.
 * @returns how it stands now
 * @throws when the database cannot be used
 */
export async function activatePixel(
  context: PixelContext & { admin: Admin },
  shop: PixelShop,
): Promise<PixelState> {
  const settings = { address: context.address, shop: shop.domain, key: shop.key }
  const { id } = await readPixel(context.pool, shop.id)
  const result = await setPixel(context.admin, shop.domain, id, settings)
  if ('id' in result) {
    await keepPixel(context.pool, shop.id, result.id, settings)
    await learnShop(context, shop)
  } else {
    context.log.warn({ shop: shop.domain, trouble: result.trouble, detail: result.log }, 'pixel not set')
    await refusePixel(context.pool, shop.id, result.trouble)
  }
  return pixelState(context, shop)
}

/** @param known the id remembered, which may be that of a pixel that is gone */
async function setPixel(
  admin: Admin,
  shop: string,
  known: string | null,
  settings: PixelSettings,
): Promise<Changed> {
  if (known !== null) {
    const updated = await update(admin, shop, known, settings)
    if (!('trouble' in updated) || updated.trouble !== 'not_found') return updated
  }
  const created = await create(admin, shop, settings)
  if (!('trouble' in created) || created.trouble !== 'taken') return created
  const found = await admin.adminQuery(shop, FIND.query, {}, FIND.schema)
  if (!found.ok) return failed(found.failure)
  return found.data === null ? created : update(admin, shop, found.data, settings)
}

async function create(admin: Admin, shop: string, settings: PixelSettings): Promise<Changed> {
  const variables = { webPixel: { settings: JSON.stringify(settings) } }
  return outcomeOf(await admin.adminQuery(shop, CREATE.query, variables, CREATE.schema))
}

async function update(admin: Admin, shop: string, id: string, settings: PixelSettings): Promise<Changed> {
  const variables = { id, webPixel: { settings: JSON.stringify(settings) } }
  return outcomeOf(await admin.adminQuery(shop, UPDATE.query, variables, UPDATE.schema))
}

const TROUBLES: Readonly<Record<string, PixelTrouble>> = {
  TAKEN: 'taken',
  NOT_FOUND: 'not_found',
  NO_EXTENSION: 'no_extension',
  INVALID_SETTINGS: 'settings_refused',
  INVALID_SETTINGS_DEFINITION: 'settings_refused',
  INVALID_CONFIGURATION_JSON: 'settings_refused',
  INVALID_RUNTIME_CONTEXT: 'settings_refused',
  BLANK: 'settings_refused',
}

function outcomeOf(result: AdminResult<z.infer<typeof changed> | null>): Changed {
  if (!result.ok) return failed(result.failure)
  const { webPixel: pixel, userErrors = [] } = result.data ?? {}
  const [error] = userErrors
  if (pixel && !error) return { id: pixel.id }
  if (result.denied.length > 0) return { trouble: 'scopes', log: `denied: ${result.denied.join(', ')}` }
  return {
    trouble: TROUBLES[error?.code ?? ''] ?? 'unexpected',
    log: error?.code ?? 'no pixel in the answer',
  }
}

function failed({ kind, log }: AdminFailure): Changed {
  return { trouble: kind === 'denied' ? 'scopes' : kind, log }
}
