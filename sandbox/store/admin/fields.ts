/** The root fields that the stand-in answers, by its own reading of https://shopify.dev/docs/api/admin-graphql. */
import type { AdminCustomer, AdminStandInOptions, WebPixel } from './contract.ts'
import { type Field, type GraphError, select, WITHHELD } from './graphql.ts'
import type { OrderBook } from './orders.ts'

export type Shops = {
  pixels: Map<string, WebPixel>
  orders: OrderBook
  withheld: ReadonlySet<string>
}
export type Variables = Readonly<Record<string, unknown>>
type Asked = { shop: string; field: Field; variables: Variables }
/** What the field is before its selection; a GraphError: it is refused as a whole. */
type Found = { value: Record<string, unknown> | null } | { denied: string }

const PIXEL_SCOPES = ['write_pixels', 'read_customer_events']

export function answerField(
  options: AdminStandInOptions,
  shops: Shops,
  asked: Asked,
): { data: unknown; errors: GraphError[] } {
  const { field } = asked
  const errors: GraphError[] = []
  const found = rootField(options, shops, asked)
  if ('denied' in found) {
    const extensions = { code: 'ACCESS_DENIED', requiredAccess: found.denied }
    const message = `Access denied for ${field.name} field. Required access: ${found.denied}`
    return { data: { [field.name]: null }, errors: [{ message, path: [field.name], extensions }] }
  }
  const value = found.value && select(field.fields, found.value, [field.name], errors)
  return { data: { [field.name]: value }, errors }
}

function rootField(options: AdminStandInOptions, shops: Shops, { shop, field, variables }: Asked): Found {
  const argument = (name: string) => variables[field.arguments[name] ?? '']
  const granted = (scopes: readonly string[]) =>
    options.scopes === undefined || scopes.every(scope => options.scopes?.includes(scope))
  switch (field.name) {
    case 'customer': {
      if (!granted(['read_customers'])) return { denied: '`read_customers` access scope.' }
      const [, id] = /^gid:\/\/shopify\/Customer\/(\d+)$/.exec(String(argument('id'))) ?? []
      if (id === undefined) throw new SyntaxError(`Invalid global id '${String(argument('id'))}'`)
      const customer = options.customer(shop, id)
      return { value: customer && customerObject(customer, shops.withheld) }
    }
    case 'ordersCount':
      if (!granted(['read_orders'])) return { denied: '`read_orders` access scope.' }
      return { value: shops.orders.count(shop, argument('query'), argument('limit')) }
    case 'shop': {
      const domains = (options.domains?.(shop) ?? [shop]).map(host => ({ host }))
      const ianaTimezone = options.timeZone ? options.timeZone(shop) : 'Europe/Prague'
      return { value: { ianaTimezone, primaryDomain: domains[0] ?? null, domains } }
    }
    case 'webPixel':
    case 'webPixelCreate':
    case 'webPixelUpdate':
    case 'webPixelDelete':
      if (!granted(PIXEL_SCOPES)) return { denied: PIXEL_SCOPES.map(scope => `\`${scope}\``).join(' and ') }
      return { value: pixelField(options, shops.pixels, shop, field.name, argument) }
    default:
      throw new SyntaxError(`Field '${field.name}' doesn't exist on type 'QueryRoot'`)
  }
}

function customerObject(customer: AdminCustomer, withheld: ReadonlySet<string>): Record<string, unknown> {
  const { id, email, phone, first, last, marketing, updatedAt } = customer
  const whole = {
    id: `gid://shopify/Customer/${id}`,
    firstName: first,
    lastName: last,
    updatedAt,
    defaultEmailAddress: email === null ? null : { emailAddress: email, marketingState: marketing },
    defaultPhoneNumber: phone === null ? null : { phoneNumber: phone, marketingState: 'NOT_SUBSCRIBED' },
  }
  return Object.fromEntries(
    Object.entries(whole).map(([name, value]) => [name, withheld.has(name) ? WITHHELD : value]),
  )
}

let pixelsMade = 0

function pixelField(
  { pixelSettings = ['address', 'shop', 'key'] }: AdminStandInOptions,
  pixels: Map<string, WebPixel>,
  shop: string,
  field: string,
  argument: (name: string) => unknown,
): Record<string, unknown> | null {
  const own = pixels.get(shop) ?? null
  const error = (code: string, message: string) => ({
    webPixel: null,
    deletedWebPixelId: null,
    userErrors: [{ code, field: ['webPixel'], message }],
  })
  if (field === 'webPixel') return own && { ...own }
  const isUpdate = field !== 'webPixelCreate'
  if (isUpdate && own?.id !== argument('id')) return error('NOT_FOUND', 'Pixel not found')
  if (field === 'webPixelDelete') {
    pixels.delete(shop)
    return { deletedWebPixelId: own?.id, userErrors: [] }
  }
  if (!isUpdate && own) return error('TAKEN', 'Web pixel is already taken')
  const settings = settingsOf(argument('webPixel'))
  if (settings === null) return error('INVALID_CONFIGURATION_JSON', 'Settings is not a valid JSON')
  const names = Object.keys(settings)
  if (names.length !== pixelSettings.length || !names.every(name => pixelSettings.includes(name)))
    return error('INVALID_SETTINGS', 'Settings do not match the definition')
  pixelsMade += 1
  const pixel = { id: own?.id ?? `gid://shopify/WebPixel/${pixelsMade}`, settings }
  pixels.set(shop, pixel)
  return { webPixel: pixel, userErrors: [] }
}

/** JSON as a text or as an object, as Shopify's JSON scalar takes it. */
function settingsOf(input: unknown): Record<string, string> | null {
  const { settings } = Object(input) as { settings?: unknown }
  try {
    const value: unknown = typeof settings === 'string' ? JSON.parse(settings) : settings
    if (typeof value !== 'object' || value === null) return null
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, String(each)]))
  } catch {
    return null
  }
}
