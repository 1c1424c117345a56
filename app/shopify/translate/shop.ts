/** shop/update, app/scopes_update and app/uninstalled. Which shop it is, the request's header says. */
import { scopesSchema, shopSchema } from '../payloads/shop.ts'
import { type Handler, translation } from './notice.ts'

export const shopUpdated: Handler = ({ payload, at }) => {
  const shop = shopSchema.parse(payload)
  return translation(
    [],
    [
      {
        kind: 'shop_changed',
        name: shop.name,
        currency: shop.currency,
        primaryDomain: shop.domain,
        timeZone: shop.iana_timezone,
        updatedAt: shop.updated_at ?? at,
        noticedAt: at,
      },
    ],
    '',
  )
}

/** `current` that is missing would read as "no scopes at all", so it is no statement. */
export const scopesUpdated: Handler = ({ payload, at }) => {
  const { current, updated_at } = scopesSchema.parse(payload)
  const stated = { updatedAt: updated_at ?? at, noticedAt: at }
  return translation(
    [],
    current.length === 0 ? [] : [{ kind: 'scopes_changed', scopes: current, ...stated }],
    'The notice names no scopes.',
  )
}

export const appUninstalled: Handler = ({ at }) => translation([], [{ kind: 'uninstalled', at }], '')
