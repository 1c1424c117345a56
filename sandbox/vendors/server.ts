/**
 * The four stand-in vendors and the hub that shows their inboxes, started together. For the demo, for
 * end-to-end tests and for anyone who wants to see what a mapping sends:
 *
 *     node sandbox/vendors/server.ts --port 4010
 */
import { parseArgs } from 'node:util'
import { ALANA_LIMITS, createAlana } from './alana.ts'
import { type Clock, type Counts, type Received, type Rules, VENDORS, type VendorName } from './contract.ts'
import { type Credentials, demoCredentials } from './credentials.ts'
import { createEcomail, ECOMAIL_LIMIT } from './ecomail.ts'
import type { FaultInput } from './faults.ts'
import { startHub } from './hub.ts'
import type { Allowance } from './limiter.ts'
import { StandIn, type StandIns } from './stand-in.ts'
import { createTopmail, TOPMAIL_LIMIT } from './topmail.ts'
import { createVoucherify, VOUCHERIFY_LIMITS } from './voucherify.ts'

export { DEMO_CREDENTIALS } from './credentials.ts'

export type Limits = {
  ecomail: Allowance
  topmail: Allowance
  alana: typeof ALANA_LIMITS
  voucherify: typeof VOUCHERIFY_LIMITS
}

export type SandboxOptions = {
  /** 0 or unset: any free port. */
  ports?: Partial<Record<VendorName | 'inbox', number>>
  host?: '127.0.0.1' | '0.0.0.0'
  /** `false` lifts all limits; a part replaces that vendor's documented one. */
  limits?: false | Partial<Limits>
  /** Unset: the demo keys. The sets may be changed later: the next request sees it. */
  credentials?: Credentials
  /** People whom a vendor knows from the start. */
  contacts?: { ecomail?: readonly string[]; topmail?: readonly string[] }
  /** Ecomail on an event of somebody in no list. Topmail always refuses, as documented. */
  unknownContacts?: 'accept' | 'refuse'
  /** Ecomail's status with the words "Wrong api key": 401, or the 200 that its own plug-ins also expect. */
  wrongKeyStatus?: 200 | 401
  now?: Clock
  /** Decides whom a fault with a rate befalls; 0 ≤ x < 1. */
  random?: () => number
}

export type Sandbox = {
  /** Base addresses, "http://127.0.0.1:4011"; `inbox` is the hub with the page. */
  urls: Record<VendorName | 'inbox', string>
  credentials: Credentials
  /** What the vendor received, oldest first; only after `since` when given. */
  inbox(vendor: VendorName, since?: number): Received[]
  counts(vendor: VendorName): Counts
  /** Empties one inbox, or all. */
  clear(vendor?: VendorName): void
  /** Queues a fault for the next requests. Throws a ZodError when it is not one. */
  fail(vendor: VendorName, fault: FaultInput): void
  /** Takes back the waiting faults of one vendor, or of all. */
  heal(vendor?: VendorName): void
  addContacts(vendor: VendorName, emails: readonly string[]): void
  /** Everything as after the start: inboxes, faults, contacts, orders, spent allowances. */
  reset(): void
  /** The first entry, there or yet to come, for which `wanted` holds. Rejects after `timeoutMs` (5000). */
  waitFor(
    vendor: VendorName,
    wanted: (entry: Received, all: Received[]) => boolean,
    options?: { timeoutMs?: number },
  ): Promise<Received>
  close(): Promise<void>
}

/** Starts everything. Rejects, with nothing left running, when a port is taken. */
export async function startVendors(options: SandboxOptions = {}): Promise<Sandbox> {
  const { ports = {}, host = '127.0.0.1', credentials = demoCredentials() } = options
  const { now = Date.now, random = Math.random } = options
  const rules = createRules(options, credentials, now)
  const standIns = Object.fromEntries(
    VENDORS.map(name => [name, new StandIn(rules[name], now, random)]),
  ) as StandIns
  const all = VENDORS.map(name => standIns[name])
  const closing: (() => Promise<void>)[] = []
  const close = async () => {
    await Promise.all(closing.map(stop => stop()))
  }

  try {
    const urls = { ecomail: '', topmail: '', alana: '', voucherify: '', inbox: '' }
    for (const name of VENDORS) {
      urls[name] = await standIns[name].listen(ports[name] ?? 0, host)
      closing.push(() => standIns[name].close())
    }
    const hub = await startHub(standIns, urls, ports.inbox ?? 0, host)
    urls.inbox = hub.url
    closing.push(hub.close)

    return {
      urls,
      credentials,
      inbox: (vendor, since) => standIns[vendor].inbox.entries(since),
      counts: vendor => standIns[vendor].inbox.counts(),
      clear(vendor) {
        for (const one of vendor ? [standIns[vendor]] : all) one.inbox.clear()
      },
      fail: (vendor, fault) => standIns[vendor].faults.add(fault),
      heal(vendor) {
        for (const one of vendor ? [standIns[vendor]] : all) one.faults.clear()
      },
      addContacts: (vendor, emails) => rules[vendor].addContacts(emails),
      reset() {
        for (const one of all) {
          one.inbox.clear()
          one.faults.clear()
          one.rules.reset()
        }
      },
      waitFor: (vendor, wanted, { timeoutMs } = {}) => standIns[vendor].inbox.waitFor(wanted, timeoutMs),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

function createRules(
  options: SandboxOptions,
  credentials: Credentials,
  now: Clock,
): Record<VendorName, Rules> {
  const documented: Limits = {
    ecomail: ECOMAIL_LIMIT,
    topmail: TOPMAIL_LIMIT,
    alana: ALANA_LIMITS,
    voucherify: VOUCHERIFY_LIMITS,
  }
  const limits = options.limits === false ? null : { ...documented, ...options.limits }
  return {
    ecomail: createEcomail({
      credentials: credentials.ecomail,
      now,
      limit: limits?.ecomail ?? false,
      contacts: options.contacts?.ecomail ?? [],
      unknownContacts: options.unknownContacts ?? 'accept',
      wrongKeyStatus: options.wrongKeyStatus ?? 401,
    }),
    topmail: createTopmail({
      credentials: credentials.topmail,
      now,
      limit: limits?.topmail ?? false,
      contacts: options.contacts?.topmail ?? [],
    }),
    alana: createAlana({ credentials: credentials.alana, now, limits: limits?.alana ?? false }),
    voucherify: createVoucherify({
      credentials: credentials.voucherify,
      now,
      limits: limits?.voucherify ?? false,
    }),
  }
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { port: { type: 'string', default: '4010' } } })
  const first = Number(values.port)
  const [ecomail, topmail, alana, voucherify] = [first + 1, first + 2, first + 3, first + 4]
  const sandbox = await startVendors({ ports: { inbox: first, ecomail, topmail, alana, voucherify } })
  for (const [name, url] of Object.entries(sandbox.urls)) console.log(`${name.padEnd(10)} ${url}`)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void sandbox.close())
}
