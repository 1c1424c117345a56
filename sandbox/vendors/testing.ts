/** Calling the stand-ins over real sockets, for their tests. */
import { DEMO_CREDENTIALS } from './credentials.ts'

export type Heard = { status: number; headers: Headers; body: unknown; text: string }

/** One request; `body` is sent as JSON, a string as it is. Rejects when the connection is cut. */
export async function call(
  method: string,
  url: string,
  headers: Record<string, string> = {},
  body?: unknown,
  signal?: AbortSignal,
): Promise<Heard> {
  const response = await fetch(url, {
    method,
    headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    ...(signal && { signal }),
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, body: parse(text), text }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const { voucherify } = DEMO_CREDENTIALS

/** The headers that each stand-in lets in with the demo keys. */
export const KEYS = {
  ecomail: { key: DEMO_CREDENTIALS.ecomail.apiKey },
  topmail: { authorization: `Bearer ${DEMO_CREDENTIALS.topmail.apiKey}` },
  alana: { 'x-api-key': DEMO_CREDENTIALS.alana.apiKey },
  server: { 'x-app-id': voucherify.appId, 'x-app-token': voucherify.appToken },
  client: {
    'x-client-application-id': voucherify.applicationId,
    'x-client-token': voucherify.clientToken,
    origin: voucherify.origin,
  },
}
