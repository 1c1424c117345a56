/** Telling alerts by e-mail and by webhook. Each channel gets one message for all that is to be told. */
import { createHmac } from 'node:crypto'
import { createTransport } from 'nodemailer'
import { Agent, request } from 'undici'
import { mayBePublic, notPublic, publicLookup } from '../../public-network.ts'
import { asMade, type Say, type Wording } from './say.ts'
import { oneLine, vendorName } from './words.ts'

/**
 * An alert as it is told: `level` percent of what can be borne; resolved when `resolvedAt` is set. `waiting`: how many events wait for
 * the vendor, to be sent or held, when it is told; one more than `MOST_COUNTED`: there are more; null: it is told of none.
 * `goesOut`: these go out by themselves now: it is over, and the vendor is neither switched off nor held.
 */
export type Told = {
  shop: string
  vendor: string
  kind: string
  level: number
  since: Date
  openedAt: Date
  resolvedAt: Date | null
  message: string
  waiting: number | null
  goesOut: boolean
}

/**
 * `id` is the same whenever the same is told again: a message whose delivery is uncertain comes twice. `more`: how many
 * further alerts there are that the message has no room for.
 */
export type Message = { id: string; at: Date; alerts: readonly Told[]; more: number }

export type Channel = {
  /** @throws when it is not certain that the message was taken */
  send(message: Message): Promise<void>
}

/** `to`, `from`: addresses. `smtpUrl`: smtp:// or smtps://, with the credentials. `wording`: in whose words it is written, an operator's unless given. */
export type EmailSettings = { to: readonly string[]; from: string; smtpUrl: string; wording?: Wording }
/**
 * `secret` signs, when there is one. `publicOnly`: the address is somebody's who must not reach what is not public. `wording`: as for e-mail;
 * codes and times are the same in every language.
 */
export type WebhookSettings = { url: string; secret: string | null; publicOnly?: boolean; wording?: Wording }

/** A webhook's address answered something else than 2xx. */
export class HookAnswer extends Error {
  override name = 'HookAnswer'
  readonly status: number
  constructor(status: number) {
    super(`the alert webhook answered ${status}`)
    this.status = status
  }
}

/** What an alert says, in characters: what a tool said, and some sentences about it. */
const MAX_MESSAGE = 800
const TIMEOUT_MS = 10_000
/** An answer that trickles in ends after this, in milliseconds. */
const WHOLE_MS = 20_000

/** @param timeoutMs how long a silent mail server is waited for */
export function emailChannel(
  { to, from, smtpUrl, wording = asMade }: EmailSettings,
  timeoutMs = TIMEOUT_MS,
): Channel {
  const timeouts = {
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    dnsTimeout: timeoutMs,
  }
  return {
    async send(message) {
      const transport = createTransport({ url: smtpUrl, ...timeouts })
      try {
        await transport.sendMail({
          to: [...to],
          from,
          subject: subjectOf(message, wording.say),
          text: textOf(message, wording),
          messageId: `<${message.id}@${from.split('@')[1]?.replace(/[^\w.-]/g, '')}>`,
          headers: { 'Auto-Submitted': 'auto-generated' },
          disableFileAccess: true,
          disableUrlAccess: true,
        })
      } finally {
        transport.close()
      }
    },
  }
}

/**
 * Posts JSON. With a secret `X-Sluice-Signature` is "sha256=" and the hex HMAC-SHA256 of the time in
 * `X-Sluice-Timestamp` (seconds), a full stop, and the body. Any 2xx counts as taken; redirects are not followed.
 */
export function webhookChannel({
  url,
  secret,
  publicOnly = false,
  wording = asMade,
}: WebhookSettings): Channel {
  return {
    async send({ id, at, alerts, more }) {
      const body = JSON.stringify({ id, alerts: alerts.map(alert => asJson(alert, wording)), more })
      const timestamp = String(Math.floor(at.getTime() / 1000))
      const signature = secret && createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')
      if (publicOnly && !mayBePublic(new URL(url))) throw notPublic()
      const connect = { timeout: TIMEOUT_MS, ...(publicOnly && { lookup: publicLookup }) }
      const dispatcher = new Agent({ connect })
      try {
        const response = await request(url, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            'x-sluice-message-id': id,
            'x-sluice-timestamp': timestamp,
            ...(signature && { 'x-sluice-signature': `sha256=${signature}` }),
          },
          body,
          headersTimeout: TIMEOUT_MS,
          bodyTimeout: TIMEOUT_MS,
          signal: AbortSignal.timeout(WHOLE_MS),
          dispatcher,
        })
        await response.body.dump()
        if (response.statusCode < 200 || response.statusCode > 299) throw new HookAnswer(response.statusCode)
      } finally {
        await dispatcher.destroy()
      }
    },
  }
}

function subjectOf({ alerts, more }: Message, say: Say): string {
  const [first] = alerts
  if (!first) return 'Sluice'
  const state = stateOf(first, say)
  const others = alerts.length - 1 + more
  return oneLine(`Sluice: ${whose(first)}: ${state}${others > 0 ? say(`, and ${others} more`) : ''}`)
}

/** A test is of no vendor. */
const whose = ({ shop, vendor, kind }: Told) =>
  kind === 'test' ? oneLine(shop) : `${oneLine(shop)}, ${vendorName(vendor)}`

function textOf({ alerts, more }: Message, { say, time, rest, waiting, link }: Wording): string {
  const parts = alerts.map(alert => {
    const { since, resolvedAt, message, waiting: count, goesOut } = alert
    const page = link(alert.vendor)
    // By itself first: what a tool said in it is found so deep and no deeper.
    const told = say(message)
    return [
      `${whose(alert)}: ${stateOf(alert, say)}`,
      `  ${say(resolvedAt ? `from ${time(since)} to ${time(resolvedAt)}` : `since ${time(since)}`)}`,
      `  ${oneLine(resolvedAt ? say(`What was told then: “${told}”`) : told, MAX_MESSAGE)}`,
      ...(count === null ? [] : [`  ${waiting(count, goesOut)}`]),
      ...(page === null ? [] : [`  ${page}`]),
    ].join('\n')
  })
  return `${[...parts, ...(more > 0 ? [rest(more)] : [])].join('\n\n')}\n`
}

const TITLES: Readonly<Record<string, (level: number) => string>> = {
  attention: () => 'needs attention',
  waiting: () => 'events wait too long',
  test: () => 'this is a test, nothing is wrong',
  giving_up: level => (level < 100 ? `failing, ${level} % of the time to giving up` : 'events were given up'),
}

/** The same once it is over. */
const PAST_TITLES: Readonly<Record<string, (level: number) => string>> = {
  attention: () => 'it needed attention',
  waiting: () => 'events waited too long',
  giving_up: level =>
    level < 100 ? `it was failing, ${level} % of the time to giving up` : 'events were given up',
}

const stateOf = ({ kind, level, resolvedAt }: Told, say: Say) =>
  resolvedAt ? `${say('resolved')} (${say(pastTitleOf({ kind, level }))})` : say(titleOf({ kind, level }))

/** What was wrong in a few words. */
export function pastTitleOf({ kind, level }: Pick<Told, 'kind' | 'level'>): string {
  return PAST_TITLES[kind]?.(level) ?? kind
}

/** What is wrong in a few words. */
export function titleOf({ kind, level }: Pick<Told, 'kind' | 'level'>): string {
  return TITLES[kind]?.(level) ?? kind
}

function asJson(alert: Told, { say, link }: Wording) {
  const { shop, vendor, kind, level, since, openedAt, resolvedAt, message, waiting, goesOut } = alert
  const state = resolvedAt ? 'resolved' : 'open'
  const times = { since, openedAt, resolvedAt }
  const said = { message: say(message), waiting, goesOut, link: link(vendor) }
  return { state, shop, vendor, kind, level, ...times, ...said }
}
