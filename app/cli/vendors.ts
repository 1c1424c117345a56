/** `sluice vendor connect|show|test|on|off`. */
import type { Command } from 'commander'
import {
  connectionRow,
  givenSettings,
  openConnection,
  saveConnection,
  vendorById,
} from '../delivery/connections.ts'
import { createGate } from '../delivery/gate/gate.ts'
import { acceptCredentials, switchLane } from '../delivery/lane-state.ts'
import { createSender } from '../delivery/send.ts'
import { recordTest, testConnection } from '../delivery/test-connection.ts'
import { maskSecret } from '../privacy/mask.ts'
import { fieldsOf } from '../vendors/settings.ts'
import { type Context, print, shopNamed, withContext } from './context.ts'
import { Failure, notConnected } from './failure.ts'

export function vendorCommands(program: Command): void {
  const vendor = program.command('vendor').description("a shop's vendors")

  vendor
    .command('connect <shop> <vendor>')
    .description('connect a vendor, or change its settings')
    .requiredOption('--set <name=value>', 'a setting; give it once for each', collect)
    .option('--replace', 'forget the settings that are not given; without it they stay')
    .action(async (domain: string, id: string, options: ConnectOptions, command: Command) => {
      await withContext(context => connectVendor(context, domain, id, options, command))
    })

  vendor
    .command('show <shop> <vendor>')
    .description('the settings of a vendor, secrets masked')
    .action(async (domain: string, id: string, _options: unknown, command: Command) => {
      await withContext(async ({ store }) => {
        const shop = await shopNamed(store, domain)
        const row = await connectionRow(store.pool, shop.id, vendorById(id).id)
        if (!row) throw notConnected(domain, id)
        const settings = shownSettings(vendorById(id), givenSettings(store.sealer, shop.id, row))
        print(command, { shop: domain, vendor: id, enabled: row.enabled, settings }, () => listed(settings))
      })
    })

  vendor
    .command('test <shop> <vendor>')
    .description("try the credentials with the vendor's harmless request")
    .action(async (domain: string, id: string, _options: unknown, command: Command) => {
      await withContext(context => testVendor(context, domain, id, command))
    })

  for (const on of [true, false]) {
    vendor
      .command(`${on ? 'on' : 'off'} <shop> <vendor>`)
      .description(
        on
          ? 'deliver to the vendor, and send what was held meanwhile'
          : 'stop delivering to the vendor; events are held',
      )
      .action(async (domain: string, id: string, _options: unknown, command: Command) => {
        await withContext(async context => {
          const shop = await shopNamed(context.store, domain)
          const lane = { shopId: shop.id, vendor: vendorById(id).id }
          const counts = await switchLane(context.store.pool, lane, on)
          if (counts === null) throw notConnected(domain, id)
          if (on) await context.signal([lane])
          const row = await connectionRow(context.store.pool, shop.id, lane.vendor)
          const refused =
            on && row?.attention ? `. What is held waits for another reason: ${row.attention}` : ''
          const { held, released, expired } = counts
          const late =
            expired > 0 ? `; ${expired} are too old and end as expired (replay sends them all the same)` : ''
          const did = on
            ? `${released} held deliveries go out now${late}${refused}`
            : `${held} waiting deliveries are held`
          print(
            command,
            { shop: domain, vendor: id, on, deliveries: on ? released : held, expired },
            () => `${id} is switched ${on ? 'on' : 'off'} for ${domain}; ${did}`,
          )
        })
      })
  }
}

type ConnectOptions = { set: string[]; replace?: boolean }

const collect = (value: string, before: string[] = []) => [...before, value]

async function connectVendor(
  { store, signal }: Context,
  domain: string,
  id: string,
  { set, replace }: ConnectOptions,
  command: Command,
): Promise<void> {
  const shop = await shopNamed(store, domain)
  const declared = vendorById(id)
  const row = replace ? null : await connectionRow(store.pool, shop.id, id)
  const kept = row ? givenSettings(store.sealer, shop.id, row) : {}
  const given = { ...kept, ...settingsFrom(declared, set) }
  const released = await saveConnection(store.pool, store.sealer, shop.id, declared, given)
  await signal([{ shopId: shop.id, vendor: id }])
  const settings = shownSettings(declared, given)
  print(command, { shop: domain, vendor: id, connected: true, released, settings }, () =>
    [
      `${declared.name} is connected to ${domain}${released > 0 ? `; ${released} deliveries were held, and those that are not too old go out now` : ''}.`,
      listed(settings),
      `"sluice vendor test ${domain} ${id}" tries the credentials.`,
    ].join('\n'),
  )
}

/** What was set, with secrets masked. */
function shownSettings(
  vendor: ReturnType<typeof vendorById>,
  given: Record<string, unknown>,
): Record<string, unknown> {
  const secret = new Set(fieldsOf(vendor).flatMap(field => (field.secret ? [field.name] : [])))
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [
      name,
      secret.has(name) ? maskSecret(String(value)) : value,
    ]),
  )
}

function listed(settings: Record<string, unknown>): string {
  const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))
  return Object.entries(settings)
    .map(([name, value]) => `  ${name} = ${text(value)}`)
    .join('\n')
}

async function testVendor(
  { store, config, log, signal }: Context,
  domain: string,
  id: string,
  command: Command,
): Promise<void> {
  const shop = await shopNamed(store, domain)
  const row = await connectionRow(store.pool, shop.id, vendorById(id).id)
  if (!row) throw notConnected(domain, id)
  const connection = openConnection(store.sealer, shop.id, row)
  const sender = createSender()
  try {
    const lane = { shopId: shop.id, vendor: id }
    const gate = createGate({ pool: store.pool, log, address: config.sendingAddress })
    const tester = { sender, gate, baseUrl: config.vendorBaseUrls[id] }
    const { untried = false, ...result } = await testConnection(tester, lane, connection, shop)
    if (!untried) await recordTest(store.database.prisma, lane, result)
    if (result.ok) {
      await acceptCredentials(store.pool, lane)
      await signal([lane])
    } else process.exitCode = 1
    print(
      command,
      { shop: domain, vendor: id, ...result },
      ({ ok, merchant }) => `${ok ? 'OK' : untried ? 'NOT TESTED' : 'FAILED'}: ${merchant}`,
    )
  } finally {
    await sender.close()
  }
}

/** `NAME=VALUE` pairs as the vendor's schema takes them: switches, numbers and records from their text. */
export function settingsFrom(
  vendor: ReturnType<typeof vendorById>,
  pairs: readonly string[],
): Record<string, unknown> {
  const fields = new Map(fieldsOf(vendor).map(field => [field.name, field]))
  const given = Object.fromEntries(
    pairs.map(pair => {
      const at = pair.indexOf('=')
      if (at < 1) throw new Failure('--set takes NAME=VALUE, such as --set apiKey=…')
      const name = pair.slice(0, at)
      return [name, fromText(fields.get(name)?.kind, pair.slice(at + 1), name)]
    }),
  )
  return given
}

function fromText(kind: string | undefined, text: string, name: string): unknown {
  if (kind === 'switch') {
    if (/^(true|on|yes)$/i.test(text)) return true
    if (/^(false|off|no)$/i.test(text)) return false
    throw new Failure(`${name} must be on or off.`)
  }
  if (kind === 'number') return text.trim() === '' ? text : Number(text)
  if (kind === 'record') {
    try {
      return JSON.parse(text)
    } catch {
      throw new Failure(`${name} must be JSON, such as {"product_viewed":false}.`)
    }
  }
  return text
}
