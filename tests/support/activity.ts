/** A shop with an order of each of two people at two tools, and a merchant who looks at its activity. Call at a test file's top level. */
import type { Page } from 'playwright-core'
import { beforeAll } from 'vitest'
import { sessionToken } from '../../sandbox/admin/session-token.ts'
import { BROWSER } from '../../sandbox/store/shopify.ts'
import { SECRET, SHOP } from './app.ts'
import { API_KEY, merchantTools } from './merchant.ts'
import { orders } from './orders.ts'
import { frameOf } from './screen.ts'

const ANOTHER = { id: 7_055_555, email: 'joe@example.com', first: 'Joe', last: 'Bloggs', marketing: false }
export const LIST = 'routes/app.activity._index'

export function activityTools() {
  const tools = merchantTools()
  const made = orders(() => tools.app)
  const activity = { tools, made, eventId: '', ask }
  beforeAll(async () => {
    await tools.app.connect('alana')
    await tools.app.connect('voucherify')
    await made.send('orders/create', { name: '#1001' })
    made.next()
    await made.send('orders/create', { name: '#1002', customer: ANOTHER, email: ANOTHER.email })
    await tools.app.idle()
    const { rows } = await tools.app.test.database.pool.query<{ id: string }>(
      `select id from events where data #>> '{order,name}' = '#1001' and type = 'order_created'`,
    )
    activity.eventId = rows[0]?.id ?? ''
  })
  async function ask(
    path: string,
    { shop = SHOP, form }: { shop?: string; form?: Record<string, string> } = {},
  ): Promise<Response> {
    const token = await sessionToken({ shop, apiKey: API_KEY, apiSecret: SECRET })
    return fetch(`${tools.app.url}${path}`, {
      redirect: 'manual',
      headers: { 'user-agent': BROWSER, authorization: `Bearer ${token}` },
      ...(form && { method: 'POST', body: new URLSearchParams(form) }),
    })
  }
  return activity
}

/** Where the app is within its frame. */
export const address = (page: Page) => new URL(frameOf(page).url())

/** What a route's loader or action gives, as data. */
export const data = (path: string, route: string) =>
  `${path}${path.includes('?') ? '&' : '?'}_data=${encodeURIComponent(route)}`
