/** What the sandbox store sells: lamps and candles, in euros, prices with tax. */
import { PRODUCTS, type Sold } from './payloads.ts'

export type Variant = {
  id: number
  /** Values in the order of the product's options. */
  values: readonly string[]
  sku: string
  /** Decimal, "120.00". */
  price: string
  available: boolean
}

export type Product = {
  id: number
  handle: string
  title: string
  brand: string
  type: string
  tags: string
  description: string
  options: readonly string[]
  variants: readonly [Variant, ...Variant[]]
  /** How its picture is drawn (images.ts). */
  look: { shape: 'lamp' | 'lantern' | 'pendant' | 'candle' | 'jar'; hue: number }
}

export type Collection = { id: number; handle: string; title: string; description: string; type: string }

const HOUSE = 'Pier Works'
/** What Shopify calls the only variant of a product without options, and its only option. */
export const DEFAULT_TITLE = 'Default Title'
const PLAIN = { options: ['Title'], values: [DEFAULT_TITLE] }

const { lamp, candle } = PRODUCTS

export const CATALOGUE: readonly Product[] = [
  {
    ...lamp,
    brand: HOUSE,
    description: 'A brass table lamp with a linen shade, made for window sills that look at the water.',
    options: ['Finish'],
    variants: [
      { id: lamp.variantId, values: [lamp.variantTitle], sku: lamp.sku, price: lamp.price, available: true },
    ],
    look: { shape: 'lamp', hue: 38 },
  },
  {
    id: 8012345678903,
    handle: 'tide-lantern',
    title: 'Tide Lantern',
    brand: HOUSE,
    type: 'Lamps',
    tags: 'outdoor, lantern',
    description: 'A storm lantern that hangs or stands. Two finishes, two sizes, one very bright flame.',
    options: ['Finish', 'Size'],
    variants: [
      { id: 43012345678911, values: ['Brass', 'Small'], sku: 'TL-B-S', price: '79.00', available: true },
      { id: 43012345678912, values: ['Brass', 'Large'], sku: 'TL-B-L', price: '99.50', available: true },
      { id: 43012345678913, values: ['Nickel', 'Small'], sku: 'TL-N-S', price: '84.00', available: true },
      { id: 43012345678914, values: ['Nickel', 'Large'], sku: 'TL-N-L', price: '104.50', available: false },
    ],
    look: { shape: 'lantern', hue: 205 },
  },
  {
    id: 8012345678904,
    handle: 'gull-desk-lamp',
    title: 'Gull Desk Lamp',
    brand: 'Northlight',
    type: 'Lamps',
    tags: 'indoor, desk',
    description: 'A long-armed desk lamp by Northlight that leans over your book like a curious gull.',
    options: PLAIN.options,
    variants: [
      { id: 43012345678921, values: PLAIN.values, sku: 'NL-GULL', price: '149.90', available: true },
    ],
    look: { shape: 'lamp', hue: 350 },
  },
  {
    id: 8012345678905,
    handle: 'pilot-pendant',
    title: 'Pilot Pendant',
    brand: HOUSE,
    type: 'Lamps',
    tags: 'indoor, ceiling',
    description: 'A spun-steel pendant after the lamps of old pilot boats.',
    options: PLAIN.options,
    variants: [
      { id: 43012345678931, values: PLAIN.values, sku: 'PW-PILOT', price: '189.00', available: true },
    ],
    look: { shape: 'pendant', hue: 165 },
  },
  {
    ...candle,
    brand: HOUSE,
    description: 'Soy wax, sea salt and a little rosemary. Burns for forty quiet hours.',
    options: ['Scent'],
    variants: [
      {
        id: candle.variantId,
        values: [candle.variantTitle],
        sku: candle.sku,
        price: candle.price,
        available: true,
      },
    ],
    look: { shape: 'jar', hue: 190 },
  },
  {
    id: 8012345678906,
    handle: 'drift-pillar',
    title: 'Drift Pillar',
    brand: HOUSE,
    type: 'Candles',
    tags: 'wax, beeswax',
    description: 'A beeswax pillar the colour of driftwood.',
    options: PLAIN.options,
    variants: [
      { id: 43012345678941, values: PLAIN.values, sku: 'PW-DRIFT', price: '24.50', available: true },
    ],
    look: { shape: 'candle', hue: 30 },
  },
  {
    id: 8012345678907,
    handle: 'kelp-candle',
    title: 'Kelp Candle',
    brand: 'Northlight',
    type: 'Candles',
    tags: 'wax, green',
    description: 'Deep green, and smells of low tide in the best possible way.',
    options: PLAIN.options,
    variants: [{ id: 43012345678951, values: PLAIN.values, sku: '', price: '21.00', available: true }],
    look: { shape: 'jar', hue: 130 },
  },
  {
    id: 8012345678908,
    handle: 'hostile-candle',
    title: '</script><script>alert(1)</script> "quotes" & \'ticks\'',
    brand: 'Žižkov & Söhne "GmbH"',
    type: 'Candles',
    tags: '</script>, <!--',
    description: 'A candle whose name tries to break the page. It is here to show that it cannot.',
    options: PLAIN.options,
    variants: [{ id: 43012345678961, values: PLAIN.values, sku: '"><img>', price: '6.66', available: true }],
    look: { shape: 'candle', hue: 285 },
  },
]

export const COLLECTIONS: readonly Collection[] = [
  {
    id: 401234567801,
    handle: 'lamps',
    title: 'Lamps',
    description: 'For reading, for waiting, for finding the way home.',
    type: 'Lamps',
  },
  {
    id: 401234567802,
    handle: 'candles',
    title: 'Candles',
    description: 'Small fires for long evenings.',
    type: 'Candles',
  },
]

export type Choice = { product: Product; variant: Variant }

export const productByHandle = (handle: string) => CATALOGUE.find(product => product.handle === handle)
export const collectionByHandle = (handle: string) => COLLECTIONS.find(one => one.handle === handle)
export const productsIn = (collection: Collection) =>
  CATALOGUE.filter(product => product.type === collection.type)

/** The variant with its product, or null when no product has it. */
export function choiceOf(variantId: number): Choice | null {
  for (const product of CATALOGUE) {
    const variant = product.variants.find(one => one.id === variantId)
    if (variant) return { product, variant }
  }
  return null
}

/** Products whose title, brand or type contains every word, in the catalogue's order. */
export function findProducts(terms: string): Product[] {
  const words = terms
    .toLowerCase()
    .split(/\s+/)
    .filter(word => word !== '')
  if (words.length === 0) return []
  return CATALOGUE.filter(({ title, brand, type }) => {
    const text = `${title} ${brand} ${type}`.toLowerCase()
    return words.every(word => text.includes(word))
  })
}

/** "Brass / Small"; null for a product without options. */
export function variantTitle({ values }: Variant): string | null {
  return values[0] === DEFAULT_TITLE ? null : values.join(' / ')
}

/** The form in which payloads.ts describes what was bought. */
export function sold({ product, variant }: Choice): Sold {
  const { id, handle, title, type, tags, brand } = product
  const { id: variantId, sku, price } = variant
  return { id, variantId, handle, title, variantTitle: variantTitle(variant), sku, price, type, tags, brand }
}

/** Shopify's Liquid and cart.js give amounts as hundredths: "120.00" is 12000. */
export const hundredths = (price: string): number => Math.round(Number(price) * 100)
