/**
 * How long the merchant's pages take to load their data in a shop with a million deliveries, beside a shop without any and the
 * health route; and how soon two of them are seen and answer, in Chromium in the admin's frame.
 */
import type { Frame } from 'playwright-core'
import { startAdminFrame } from '../../sandbox/admin/frame.ts'
import { sessionToken } from '../../sandbox/admin/session-token.ts'
import { startAdmin } from '../../sandbox/store/admin/server.ts'
import { orderPayload, SIGNED_IN, wireProduct } from '../../sandbox/store/payloads.ts'
import { BROWSER, createStore } from '../../sandbox/store/shopify.ts'
import { addressesOf, adminRoutesOf, dataAddress, serverBuild } from '../../tests/support/admin-routes.ts'
import { startBrowser } from '../../tests/support/browser.ts'
import type { App } from '../children/app.ts'
import { type AdminTargets, fillAdminHistory } from '../support/admin-history.ts'
import type { Bench, Figure, Suite } from '../support/bench.ts'
import { type FrameMeasured, measureFrame } from '../support/frame-visit.ts'
import { median, summarise } from '../support/percentiles.ts'
import { query } from '../support/postgres.ts'
import { ALL_VENDORS, environment, installShops, SECRET, shopDomain } from '../support/setup.ts'

const API_KEY = 'bench-key'
const MOST_MS = 100
const [FULL, EMPTY] = [shopDomain(0), shopDomain(1)]
const VENDOR = 'alana'
/** Shopify's targets: https://shopify.dev/docs/apps/build/performance/admin-installation-oauth */
const TARGETS = { lcpMs: 2_500, shift: 0.1, interactionMs: 200 }

type Loader = { name: string; path: string; shop: string }

export const admin: Suite = {
  id: 'admin',
  about: "the merchant's pages with a million deliveries in the shop",
  async run(bench) {
    const deliveries = bench.quick ? 4_000 : 1_000_000
    const standIn = await startAdmin({ apiKey: API_KEY, apiSecret: SECRET, customer: () => null })
    let appUrl = ''
    const frame = await startAdminFrame({ apiKey: API_KEY, apiSecret: SECRET, appUrl: () => appUrl })
    try {
      const database = await bench.postgres.database('admin')
      const [shopId = 0] = await installShops(database, { count: 2, vendors: ALL_VENDORS })
      const web = await bench.start<App>('app.ts', 'web', {
        ...environment(database, 'web'),
        SHOPIFY_ADMIN_BASE_URL: standIn.url,
        SHOPIFY_APP_BRIDGE_URL: `${frame.url}/app-bridge.js`,
      })
      appUrl = await web.call('url')
      await acceptOriginals(appUrl)
      await openFirst(appUrl)
      const started = Date.now()
      const targets = await fillAdminHistory(database, { shopId, vendors: ALL_VENDORS, deliveries })
      const moved = await query(database, 'select 1 from shops where days_zone is distinct from time_zone')
      if (moved.length > 0) throw new Error("days are not counted by the shop's time zone")
      bench.say(`${deliveries} deliveries inserted in ${((Date.now() - started) / 1000).toFixed(0)} s`)
      const loaders = [...(await loadersOf(FULL, targets)), ...(await loadersOf(EMPTY, null))]
      const times = await measureLoaders(bench, appUrl, loaders)
      const seen = await measurePages(bench, appUrl, path => frame.address(FULL, path))
      return {
        figures: [...loaderFigures(loaders, times), ...seen],
        notes: [`each loader ${rounds(bench)} times, in turns`],
      }
    } finally {
      await frame.close()
      await standIn.close()
    }
  },
}

const rounds = ({ quick }: Bench) => (quick ? 3 : 200)

/** An order and a view, of which the others are copies. */
async function acceptOriginals(appUrl: string): Promise<void> {
  const store = createStore({ appUrl, secret: SECRET, shop: FULL })
  const at = new Date().toISOString()
  const options = {
    ...{ id: 1, name: '#0', customer: SIGNED_IN, email: SIGNED_IN.email, createdAt: at, updatedAt: at },
    lines: [{ product: 'lamp', quantity: 1 }] as const,
  }
  const answers = [
    await store.webhook({ topic: 'orders/create', payload: orderPayload(options) }),
    await store.proxy({
      visitorId: 'visitor-0',
      sentAt: at,
      consent: { analytics: true, marketing: true },
      events: [
        {
          id: 'view-0',
          type: 'product_viewed',
          at,
          url: 'https://shop.example.com/products/harbour-lamp',
          data: { product: wireProduct('lamp') },
        },
      ],
    }),
  ]
  const refused = answers.find(({ ok }) => !ok)
  if (refused) throw new Error(`an original was refused: ${refused.status} ${await refused.text()}`)
}

/** As merchants did long ago: the app learns of the shop's time zone then, and days are counted by it. */
async function openFirst(appUrl: string): Promise<void> {
  for (const shop of [FULL, EMPTY]) {
    const token = await sessionToken({ shop, apiKey: API_KEY, apiSecret: SECRET })
    const headers = { 'user-agent': BROWSER, authorization: `Bearer ${token}` }
    const answer = await fetch(`${appUrl}/app?_data=routes%2Fapp`, { headers })
    if (!answer.ok) throw new Error(`${shop} could not be opened: ${answer.status}`)
  }
}

/** Every loader of the admin. @param targets what to look for in a shop that has it; null: bare addresses of an empty shop */
async function loadersOf(shop: string, targets: AdminTargets | null): Promise<Loader[]> {
  const values = { vendor: [VENDOR], ...(targets && { event: [targets.event] }) }
  const routes = adminRoutesOf(await serverBuild()).filter(
    ({ hasLoader, isMissing, params }) =>
      hasLoader && !isMissing && (targets !== null || !params.includes('event')),
  )
  return routes.flatMap(route => {
    const name = route.id.replace('routes/', '')
    return addressesOf(route, values).flatMap(path =>
      [BARE[name] ?? '', ...(targets ? queriesOf(name, targets) : [])].map(query => ({
        name: `${name}${query ? ` ?${decodeURIComponent(query).replace(/=[\w.-]{30,}/, '=…')}` : ''}`,
        path: dataAddress(route, query ? `${path}?${query}` : path),
        shop,
      })),
    )
  })
}

/** What a route's address cannot be without. */
const EXPORT = 'app.settings.export'
const BARE: Readonly<Record<string, string>> = {
  [EXPORT]: 'since=2000-01-01&until=2999-01-01',
}

/** What merchants ask of a list beside its newest page, and of numbers beside those of a week. */
function queriesOf(route: string, { order, mark, middle }: AdminTargets): string[] {
  if (route.startsWith('app.accuracy')) return ['days=30', 'days=90']
  if (route === EXPORT) return [`${BARE[EXPORT]}&separator=%3B`]
  if (route === 'app.activity.news')
    // Far more has come than while a page stands open.
    return [
      '',
      'outcome=failed&',
      'type=checkout_abandoned&',
      'outcome=skipped&reason=no_email&',
      `person=${mark}&`,
    ].map(asked => `${asked}after=${middle}`)
  if (route !== 'app.activity._index') return []
  return [
    'outcome=failed',
    'outcome=failed&type=order_created',
    'outcome=skipped&reason=no_email',
    'outcome=held',
    `vendor=${VENDOR}&outcome=delivered`,
    'type=order_created',
    'type=checkout_abandoned',
    `order=${encodeURIComponent(order)}`,
    'order=nowhere',
    `person=${mark}`,
    `before=${middle}`,
  ]
}

/** In turns, so that whatever else the machine does falls on all. @returns milliseconds of each, the health route's last */
async function measureLoaders(bench: Bench, appUrl: string, loaders: readonly Loader[]): Promise<number[][]> {
  const times: number[][] = [...loaders, null].map(() => [])
  for (let round = -1; round < rounds(bench); round++) {
    const tokens = new Map<string, string>()
    for (const shop of [FULL, EMPTY])
      tokens.set(shop, await sessionToken({ shop, apiKey: API_KEY, apiSecret: SECRET }))
    for (const [index, loader] of [...loaders, null].entries()) {
      const headers = {
        'user-agent': BROWSER,
        ...(loader && { authorization: `Bearer ${tokens.get(loader.shop)}` }),
      }
      const started = performance.now()
      const answer = await fetch(`${appUrl}${loader?.path ?? '/healthz'}`, { headers })
      const text = await answer.text()
      if (!answer.ok) throw new Error(`${loader?.name}: ${answer.status} ${text.slice(0, 500)}`)
      // The first of each finds nothing compiled.
      if (round >= 0) times[index]?.push(performance.now() - started)
    }
    if (round % 50 === 49) bench.say(`${round + 1} rounds`)
  }
  return times
}

function loaderFigures(loaders: readonly Loader[], times: readonly number[][]): Figure[] {
  const health = summarise(times.at(-1) ?? [])
  const emptyOf = (name: string) => loaders.findIndex(loader => loader.shop === EMPTY && loader.name === name)
  const measured = loaders.map((loader, index) => ({ ...loader, ...summarise(times[index] ?? []) }))
  return [
    { name: 'health route: p50', value: health.p50, unit: 'ms' },
    { name: 'health route: p95', value: health.p95, unit: 'ms' },
    ...measured
      .filter(({ shop }) => shop === FULL)
      .flatMap(({ name, p50, p95 }): Figure[] => {
        const beside = measured[emptyOf(name.split(' ?')[0] ?? '')]
        return [
          { name: `${name}: p50`, value: p50, unit: 'ms' },
          { name: `${name}: p95`, value: p95, unit: 'ms', aim: { most: MOST_MS } },
          ...(beside
            ? [{ name: `${name}: p50 / empty shop's`, value: p50 / beside.p50, unit: 'ratio' } as const]
            : []),
        ]
      }),
  ]
}

/** What a merchant does on a page to see that it answers. */
const PAGES: readonly { name: string; path: string; act(frame: Frame): Promise<void> }[] = [
  { name: 'Home', path: '/app', act: frame => frame.getByRole('heading', { level: 1 }).click() },
  {
    name: 'Activity',
    path: '/app/activity',
    async act(frame) {
      await frame.getByRole('button', { name: 'Filters' }).click()
      await frame.getByLabel('Order number').fill('1')
    },
  },
]

async function measurePages(
  bench: Bench,
  appUrl: string,
  addressOf: (path: string) => string,
): Promise<Figure[]> {
  const browser = await startBrowser({ isTimed: true })
  try {
    const figures: Figure[] = []
    for (const { name, path, act } of PAGES) {
      const visits: FrameMeasured[] = []
      for (let visit = 0; visit < (bench.quick ? 1 : 10); visit++)
        visits.push(await measureFrame(browser, { url: addressOf(path), appUrl, act }))
      const slow: FrameMeasured[] = []
      for (let visit = 0; visit < (bench.quick ? 1 : 3); visit++)
        slow.push(await measureFrame(browser, { url: addressOf(path), appUrl, act, phone: true }))
      const of = (what: 'lcpMs' | 'shift') => median(visits.map(each => each[what]))
      figures.push(
        { name: `${name}: LCP`, value: of('lcpMs'), unit: 'ms', aim: { most: TARGETS.lcpMs } },
        {
          name: `${name}: LCP on a phone at 1.6 Mbit/s`,
          value: median(slow.map(each => each.lcpMs)),
          unit: 'ms',
          aim: { most: TARGETS.lcpMs },
        },
        { name: `${name}: layout shift`, value: of('shift'), unit: 'score', aim: { most: TARGETS.shift } },
        {
          name: `${name}: longest interaction`,
          value: interactionOf(name, visits),
          unit: 'ms',
          aim: { most: TARGETS.interactionMs },
        },
      )
    }
    return figures
  } finally {
    await browser.close()
  }
}

/** Visits of which the browser told no interaction say nothing of it. @throws when none did: that would be no fast page, but no measurement */
export function interactionOf(name: string, visits: readonly Pick<FrameMeasured, 'interactionMs'>[]): number {
  const told = visits.flatMap(({ interactionMs }) => interactionMs ?? [])
  if (told.length === 0)
    throw new Error(`${name}: the browser told of no interaction in ${visits.length} visits`)
  return median(told)
}
