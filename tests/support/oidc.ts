/** A provider of single sign-on in this process, at which one person at a time is signed in. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import Provider from 'oidc-provider'

export type OidcPersonThere = { subject: string; email: string; verified: boolean }
export type OidcStandIn = {
  issuer: string
  clientId: string
  clientSecret: string
  /** Who sits at the browser. */
  person: OidcPersonThere
  /** Whether it shows a page with a button first; otherwise it asks nothing. */
  asks: boolean
  /** It breaks off what it is asked, as one that has gone does. */
  isAway: boolean
  /** The status that it answers where codes are turned into tokens; null: as it should. */
  cannot: number | null
  /** How often codes were to be turned into tokens. */
  exchanges: number
  /** What a browser does at the provider. @returns where it is sent back to */
  visit(address: string): Promise<URL>
  close(): Promise<void>
}

const ASKING = '<!doctype html><title>Provider</title><form method="post"><button>It is me</button></form>'

/**
 * @param callback where it sends browsers back to
 * @param host by which browsers reach it: `localhost` is another site than `127.0.0.1`
 */
export async function startOidc(callback: string, host = '127.0.0.1'): Promise<OidcStandIn> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const issuer = `http://${host}:${(server.address() as AddressInfo).port}`
  const standIn: OidcStandIn = {
    issuer,
    clientId: 'sluice',
    clientSecret: 'secret-of-the-client-0123456789',
    person: { subject: 'p-1', email: 'agent@example.com', verified: true },
    asks: false,
    isAway: false,
    cannot: null,
    exchanges: 0,
    visit,
    close: async () => {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
  const { clientId, clientSecret } = standIn
  const provider = new Provider(issuer, {
    clients: [{ client_id: clientId, client_secret: clientSecret, redirect_uris: [callback] }],
    claims: { openid: ['sub'], email: ['email', 'email_verified'] },
    features: { devInteractions: { enabled: false } },
    pkce: { required: () => true },
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    cookies: { keys: ['of-the-stand-in'] },
    ttl: { AccessToken: 60, AuthorizationCode: 60, Grant: 60, IdToken: 60, Interaction: 60, Session: 60 },
    findAccount: (_, accountId) => ({
      accountId,
      claims: () => ({
        sub: accountId,
        email: standIn.person.email,
        email_verified: standIn.person.verified,
      }),
    }),
    async loadExistingGrant(ctx) {
      const accountId = ctx.oidc.session?.accountId
      const grant = new ctx.oidc.provider.Grant({ clientId, ...(accountId && { accountId }) })
      grant.addOIDCScope('openid email')
      await grant.save()
      return grant
    },
  })
  const answer = provider.callback()
  server.on('request', (request, response) => {
    if (standIn.isAway) return request.destroy()
    if (request.url === '/token') standIn.exchanges += 1
    if (request.url === '/token' && standIn.cannot !== null) return response.writeHead(standIn.cannot).end()
    if (!request.url?.startsWith('/interaction/')) return answer(request, response)
    if (standIn.asks && request.method === 'GET')
      return response.setHeader('content-type', 'text/html').end(ASKING)
    return provider.interactionFinished(request, response, { login: { accountId: standIn.person.subject } })
  })
  return standIn
}

/** Follows redirects with the provider's cookies until they lead away from it. */
async function visit(address: string): Promise<URL> {
  const { origin } = new URL(address)
  const cookies = new Map<string, string>()
  let url = new URL(address)
  for (let steps = 0; steps < 10 && url.origin === origin; steps++) {
    const cookie = [...cookies].map(pair => pair.join('=')).join('; ')
    const response = await fetch(url, { redirect: 'manual', headers: { cookie } })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      cookies.set(name, value)
    }
    const location = response.headers.get('location')
    if (location === null)
      throw new Error(`the provider answered ${response.status}: ${await response.text()}`)
    url = new URL(location, url)
  }
  return url
}
