/** `sluice vendor connect|disconnect|show|test|on|off`. */
import type { Command } from 'commander'
import { SLUICE } from '../command-line.ts'
import {
  type AnyVendor,
  BeingDisconnected,
  connectionRow,
  givenSettings,
  SettingsError,
  vendorById,
} from '../delivery/connections.ts'
import { disconnect } from '../delivery/disconnect.ts'
import type { Lane } from '../delivery/lane.ts'
import { standings, statusOf } from '../insights/lanes.ts'
import { settingsOf, shownSettings } from '../insights/vendor-settings.ts'
import { savedAsFarAsOpened, savedSettings, saveSettings, switchVendor } from '../runtime/connecting.ts'
import { supportWords } from '../ui/vendor-words.ts'
import { commandActor } from './actor.ts'
import { type Context, print, shopNamed, withContext } from './context.ts'
import { counted, goOut } from './counted.ts'
import { Failure, notConnected } from './failure.ts'
import { holdCommands } from './holds.ts'
import { note } from './note.ts'
import { listed, merged, settingsFrom, tellSettings } from './settings.ts'
import { testVendor } from './vendor-test.ts'

export function vendorCommands(program: Command): void {
  const vendor = program.command('vendor').description("a shop's vendors")

  vendor
    .command('connect <shop> <vendor>')
    .description('connect a vendor, or change its settings')
    .option(
      '--set <name=value>',
      'a setting; give it once for each. Without any, lists those there are',
      collect,
    )
    .option('--replace', 'forget the settings that are not given; without it they stay')
    .action(async (domain: string, id: string, options: ConnectOptions, command: Command) => {
      const declared = vendorById(id)
      const { set, replace = false } = options
      if (!set) {
        const settings = settingsOf(declared)
        print(command, { shop: domain, vendor: id, connected: false, settings }, () =>
          [
            tellSettings(settings),
            `Nothing was changed. "${SLUICE} vendor connect ${domain} ${id} --set NAME=VALUE", with --set once for each, connects it.`,
          ].join('\n'),
        )
        return
      }
      await withContext(context => connectVendor(context, domain, declared, { set, replace }, command))
    })

  vendor
    .command('disconnect <shop> <vendor>')
    .description('forget its settings and secrets, and give up what waits for it')
    .option(
      '--even-held',
      'also where support holds it: the hold ends with it, and what was held is given up',
    )
    .action(async (domain: string, id: string, options: DisconnectOptions, command: Command) => {
      await withContext(async ({ store }) => {
        const shop = await shopNamed(store, domain)
        const lane = { shopId: shop.id, vendor: vendorById(id).id }
        const done = await disconnect(store.pool, lane, { ...options, by: commandActor() })
        if (done === null) throw notConnected(domain, id)
        const { held, ended } = done
        if (held) throw new Failure(stillHeld(domain, id, ended))
        print(
          command,
          { shop: domain, vendor: id, connected: false, deliveries: ended },
          () => `${id} is disconnected from ${domain}; ${gaveUp(ended)}`,
        )
      })
    })

  vendor
    .command('show <shop> <vendor>')
    .description('whether it is on and works, its last test, and its settings, secrets masked')
    .action(async (domain: string, id: string, _options: unknown, command: Command) => {
      await withContext(context => showVendor(context, domain, id, command))
    })

  vendor
    .command('test <shop> <vendor>')
    .description("try the credentials with the vendor's harmless request")
    .action(async (domain: string, id: string, _options: unknown, command: Command) => {
      await withContext(context => testVendor(context, domain, id, command))
    })

  holdCommands(vendor)

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
          const { pool } = context.store
          const before = { on: (await connectionRow(pool, lane.shopId, lane.vendor))?.enabled ?? null }
          const entry = { action: on ? 'vendor_on' : 'vendor_off', before, after: { on } } as const
          const switching = { pool, signal: (each: Lane) => context.signal([each]) }
          const switched = await switchVendor(switching, lane, on, client =>
            note(client, { ...entry, shop: shop.domain, vendor: id }),
          )
          if (switched === null) throw notConnected(domain, id)
          const { held, released, expired, attention } = switched
          const refused = attention
            ? `. What is held waits for another reason: ${supportWords(attention)}`
            : ''
          const late =
            expired > 0
              ? `; ${counted(expired, 'is too old and ends', 'are too old and end')} as expired (replay sends ${expired === 1 ? 'it' : 'them'} all the same)`
              : ''
          const did = on
            ? `${goOut(released)}${late}${refused}`
            : `${counted(held, 'waiting delivery is', 'waiting deliveries are')} held`
          print(
            command,
            { shop: domain, vendor: id, on, deliveries: on ? released : held, expired },
            () => `${id} is switched ${on ? 'on' : 'off'} for ${domain}; ${did}`,
          )
        })
      })
  }
}

const gaveUp = (count: number) =>
  `${counted(count, 'waiting delivery was', 'waiting deliveries were')} given up`

function stillHeld(domain: string, id: string, ended: number): string {
  const before = ended > 0 ? `${gaveUp(ended)} before the hold; ` : ''
  return `Support holds ${id} for ${domain}, which stays connected; ${before}"${SLUICE} vendor release ${domain} ${id} --reason TEXT" ends that, and --even-held disconnects it all the same.`
}

type DisconnectOptions = { evenHeld?: boolean }
type ConnectOptions = { set?: string[]; replace?: boolean }

const collect = (value: string, before: string[] = []) => [...before, value]

async function connectVendor(
  { store, signal }: Context,
  domain: string,
  declared: AnyVendor,
  { set, replace }: Required<ConnectOptions>,
  command: Command,
): Promise<void> {
  const { id } = declared
  const shop = await shopNamed(store, domain)
  const lane = { shopId: shop.id, vendor: id }
  const saving = { pool: store.pool, sealer: store.sealer, signal: (each: Lane) => signal([each]) }
  const saved = await (replace ? savedAsFarAsOpened : savedSettings)(saving, lane)
  const given = merged(declared, (replace ? null : saved) ?? {}, settingsFrom(declared, set))
  const before = saved && shownSettings(declared, saved)
  const settings = shownSettings(declared, given)
  const entry = { action: 'vendor_connect', shop: shop.domain, vendor: id, before, after: settings } as const
  const released = await saveSettings(saving, lane, declared, given, client => note(client, entry)).catch(
    error => {
      if (error instanceof BeingDisconnected) throw new Failure(error.message)
      if (!(error instanceof SettingsError)) throw error
      throw new Failure(
        `${error.message} "${SLUICE} vendor connect ${domain} ${id}" lists the settings and what each is for.`,
      )
    },
  )
  print(command, { shop: domain, vendor: id, connected: true, released, settings }, () =>
    [
      `${declared.name} is connected to ${domain}${released > 0 ? `; ${counted(released, 'delivery was held, and goes out now unless it is too old, or consent or settings forbid it', 'deliveries were held, and go out now but for what is too old, or what consent or settings forbid')}` : ''}.`,
      listed(settings),
      `"${SLUICE} vendor test ${domain} ${id}" tries the credentials.`,
    ].join('\n'),
  )
}

async function showVendor({ store }: Context, domain: string, id: string, command: Command): Promise<void> {
  const shop = await shopNamed(store, domain)
  const vendor = vendorById(id)
  const row = await connectionRow(store.pool, shop.id, id)
  const [lane] = await standings(store.pool, store.sealer, shop.id, id)
  if (!row || !lane) throw notConnected(domain, id)
  const settings = shownSettings(vendor, givenSettings(store.sealer, shop.id, row))
  const { enabled, attention, testedAt, testOk, testMessage } = lane
  const test = testedAt && { at: testedAt, ok: testOk === true, message: testMessage }
  const status = statusOf(lane)
  print(command, { shop: domain, vendor: id, enabled, attention, status, test, settings }, () =>
    [
      `${domain} ${id}: switched ${enabled ? 'on' : 'off'}`,
      // A vendor that is switched off may need attention all the same.
      `  lane       ${enabled || attention === null ? status : `off; needs attention: ${supportWords(attention)}`}`,
      `  last test  ${test ? `${test.at.toISOString()}  ${test.ok ? 'OK' : 'FAILED'}: ${supportWords(test.message ?? '')}` : 'none since these settings were entered'}`,
      listed(settings),
    ].join('\n'),
  )
}
