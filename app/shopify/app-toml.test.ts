/** shopify.app.toml says the same as the code. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { API_VERSION } from './api-version.ts'
import { TOPICS } from './translate.ts'

const ROOT = join(import.meta.dirname, '../..')
const toml = readFileSync(join(ROOT, 'shopify.app.toml'), 'utf8').replace(/^\s*#.*$/gm, '')

/** The strings of every list under this key. */
function lists(key: string): string[] {
  const found = [...toml.matchAll(new RegExp(`^\\s*${key}\\s*=\\s*\\[([^\\]]*)\\]`, 'gm'))]
  return found.flatMap(([, list]) => [...(list ?? '').matchAll(/"([^"]*)"/g)].map(([, item]) => item ?? ''))
}

const value = (key: string) => new RegExp(`^\\s*${key}\\s*=\\s*"?([^"\\n]*)"?$`, 'm').exec(toml)?.[1]

/**
 * What each kind of topic, or a topic of its own, needs (https://shopify.dev/docs/api/admin-graphql/latest/enums/WebhookSubscriptionTopic); those of the
 * app and the shop itself, and the compliance topics, need none.
 */
const SCOPE_OF: Readonly<Record<string, string>> = {
  orders: 'read_orders',
  refunds: 'read_orders',
  checkouts: 'read_orders',
  carts: 'read_orders',
  customers: 'read_customers',
  'customers/merge': 'read_customer_merge',
  customers_email_marketing_consent: 'read_customers',
  products: 'read_products',
}
/** The app proxy; webPixelCreate. */
const OTHER_SCOPES = ['write_app_proxy', 'write_pixels', 'read_customer_events']

describe('shopify.app.toml', () => {
  it('subscribes to exactly the topics that are translated', () => {
    const subscribed = [...lists('topics'), ...lists('compliance_topics')]
    expect(subscribed.toSorted()).toEqual(TOPICS.toSorted())
  })

  it('has the mandatory compliance topics under their own key', () => {
    expect(lists('compliance_topics')).toEqual(['customers/data_request', 'customers/redact', 'shop/redact'])
  })

  it('asks for the scopes that its topics and features need, and for no other', () => {
    const topics = lists('topics').filter(topic => !/^(app|shop)\//.test(topic))
    const scopeOf = (topic: string) => SCOPE_OF[topic] ?? SCOPE_OF[topic.split('/')[0] ?? '']
    const needed = topics.map(topic => scopeOf(topic) ?? `none known for ${topic}`)
    expect(value('scopes')?.split(',').toSorted()).toEqual(
      [...new Set([...needed, ...OTHER_SCOPES])].toSorted(),
    )
  })

  it('asks for the API version the code is written against', () => {
    expect(value('api_version')).toBe(API_VERSION)
  })

  it('sends every subscription to one address', () => {
    const uris = [...toml.matchAll(/^\s*uri\s*=\s*"([^"]*)"/gm)].map(([, uri]) => uri)
    expect(uris).toHaveLength(toml.split('[[webhooks.subscriptions]]').length - 1)
    expect(new Set(uris)).toEqual(new Set(['/webhooks']))
  })

  it('is embedded, with the proxy under /apps/sluice', () => {
    expect(value('embedded')).toBe('true')
    expect([value('prefix'), value('subpath')]).toEqual(['apps', 'sluice'])
    expect(value('url')).toMatch(/\/proxy$/)
  })

  it('names, beside each subscription, a file that exists', () => {
    const source = readFileSync(join(ROOT, 'shopify.app.toml'), 'utf8')
    const named = [...source.matchAll(/^ {2}# (app\/shopify\/\S+)\n {2}\[\[webhooks\.subscriptions\]\]/gm)]
    expect(named).toHaveLength(source.split('[[webhooks.subscriptions]]').length - 1)
    for (const [, file] of named) expect(() => readFileSync(join(ROOT, file ?? ''))).not.toThrow()
  })
})

describe('shopify.web.toml', () => {
  it("runs the package's own scripts", () => {
    const web = readFileSync(join(ROOT, 'shopify.web.toml'), 'utf8')
    expect(web).toContain('dev = "npm run dev"')
    expect(web).toContain('build = "npm run build"')
    expect(web).toContain('webhooks_path = "/webhooks"')
  })
})
