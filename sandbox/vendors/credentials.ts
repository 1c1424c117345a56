/** Credentials that the stand-ins accept, and hiding them in what an inbox shows. */

/** Made-up keys: they open the sandbox and nothing else. */
export const DEMO_CREDENTIALS = {
  ecomail: { apiKey: 'sandbox-ecomail-key-3f9a' },
  topmail: { apiKey: 'tm_test_sandbox7c21' },
  alana: { apiKey: 'ak_sandbox_5d84' },
  voucherify: {
    appId: 'a1d0c0de-0000-4000-8000-00000000b10e',
    appToken: 'a1d0c0de-0000-4000-8000-00000000c0de',
    applicationId: 'c11e0000-0000-4000-8000-00000000feed',
    clientToken: 'c11e0000-0000-4000-8000-0000000070ce',
    origin: 'https://shop.example.com',
  },
} as const

/** What each stand-in accepts. The sets may be changed while it runs, to revoke a key or to rotate one. */
export type Credentials = {
  ecomail: { apiKeys: Set<string> }
  topmail: { apiKeys: Set<string> }
  alana: { apiKeys: Set<string> }
  voucherify: {
    /** appId to appToken. */
    server: Map<string, string>
    /** applicationId to clientToken. */
    client: Map<string, string>
    /** As in Voucherify's project settings: "example.com", ".example.com" (and its subdomains), "*". */
    origins: Set<string>
  }
}

/** A fresh set that accepts exactly the demo keys, from example.com and from this machine. */
export function demoCredentials(): Credentials {
  const { voucherify } = DEMO_CREDENTIALS
  return {
    ecomail: { apiKeys: new Set([DEMO_CREDENTIALS.ecomail.apiKey]) },
    topmail: { apiKeys: new Set([DEMO_CREDENTIALS.topmail.apiKey]) },
    alana: { apiKeys: new Set([DEMO_CREDENTIALS.alana.apiKey]) },
    voucherify: {
      server: new Map([[voucherify.appId, voucherify.appToken]]),
      client: new Map([[voucherify.applicationId, voucherify.clientToken]]),
      origins: new Set(['example.com', '.example.com', 'localhost', '127.0.0.1']),
    },
  }
}

const SECRET_HEADERS = new Set([
  'authorization',
  'key',
  'x-api-key',
  'x-app-id',
  'x-app-token',
  'x-client-application-id',
  'x-client-token',
])
const SECRET_PARAMETERS = ['key', 'api_key']

/** All but the last four characters hidden; short values wholly. A scheme such as "Bearer" stays readable. */
export function mask(value: string): string {
  const [, scheme = '', secret = ''] = /^(Bearer |Basic )?(.*)$/s.exec(value) ?? []
  return `${scheme}****${secret.length >= 12 ? secret.slice(-4) : ''}`
}

/** Headers with every credential masked. */
export function maskHeaders(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, SECRET_HEADERS.has(name) ? mask(value) : value]),
  )
}

/** Path and query with credentials in the query masked. */
export function maskPath(path: string, query: URLSearchParams): string {
  if (query.size === 0) return path
  const shown = new URLSearchParams(query)
  for (const name of SECRET_PARAMETERS) {
    const value = shown.get(name)
    if (value !== null) shown.set(name, mask(value))
  }
  return `${path}?${shown}`
}
