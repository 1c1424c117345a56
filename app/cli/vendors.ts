/** `sluice vendor connect|disconnect|show|test|on|off`. */
import type { Command } from 'commander'
import { SLUICE } from '../command-line.ts'
import {
  type AnyVendor,
  connectionRow,
  givenSettings,
  SettingsError,
  vendorById,
} from '../delivery/connections.ts'
import { disconnect } from '../delivery/disconnect.ts'
import type { Lane } from '../delivery/lane.ts'
import { standings, statusOf } from '../insights/lanes.ts'
import { settingsOf, shownSettings } from '../insights/vendor-settings.ts'
import { savedSettings, saveSettings, switchVendor } from '../runtime/connecting.ts'
import { type Context, print, shopNamed, withContext } from './context.ts'
import { Failure, notConnected } from './failure.ts'
import { holdCommands } from './holds.ts'
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
        const ended = await disconnect(store.pool, { shopId: shop.id, vendor: vendorById(id).id }, options)
        if (ended === null) throw notConnected(domain, id)
        if (ended === 'held')
          throw new Failure(
            `Support holds ${id} for ${domain}; "${SLUICE} vendor release ${domain} ${id}" ends that, and --even-held disconnects it all the same.`,
          )
        print(
          command,
          { shop: domain, vendor: id, connected: false, deliveries: ended },
          () => `${id} is disconnected from ${domain}; ${ended} waiting deliveries were given up`,
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
          const switched = await switchVendor({ pool, signal: each => context.signal([each]) }, lane, on)
          if (switched === null) throw notConnected(domain, id)
          const { held, released, expired, attention } = switched
          const refused = attention ? `. What is held waits for another reason: ${attention}` : ''
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
  const kept = (replace ? null : await savedSettings(saving, lane)) ?? {}
  const given = merged(declared, kept, settingsFrom(declared, set))
  const released = await saveSettings(saving, lane, declared, given).catch(error => {
    if (!(error instanceof SettingsError)) throw error
    throw new Failure(
      `${error.message} "${SLUICE} vendor connect ${domain} ${id}" lists the settings and what each is for.`,
    )
  })
  const settings = shownSettings(declared, given)
  print(command, { shop: domain, vendor: id, connected: true, released, settings }, () =>
    [
      `${declared.name} is connected to ${domain}${released > 0 ? `; ${released} deliveries were held, and those that are not too old go out now` : ''}.`,
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
      `  lane       ${enabled || attention === null ? status : `off; needs attention: ${attention}`}`,
      `  last test  ${test ? `${test.at.toISOString()}  ${test.ok ? 'OK' : 'FAILED'}: ${test.message ?? ''}` : 'none since these settings were entered'}`,
      listed(settings),
    ].join('\n'),
  )
}
