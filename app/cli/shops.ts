/** `sluice shops`, `sluice shop add|show|set|rotate-key`. */
import type { Command } from 'commander'
import { SLUICE } from '../command-line.ts'
import { withTransaction } from '../db/database.ts'
import { ABANDONED_AFTER, setAbandonedAfter } from '../delivery/abandoned-time.ts'
import { setReleaseWithin } from '../delivery/lane-state.ts'
import { PERSON_WAIT, setPersonWait } from '../delivery/waiting.ts'
import { ADMIN_FAILURES } from '../shopify/admin/failure.ts'
import type { PixelShop } from '../shopify/admin/pixel-state.ts'
import { hasSession } from '../shopify/admin/session-storage.ts'
import { readPixelKeys, rotatePixelKey } from '../shopify/pixel-key.ts'
import { findShops, installShop, type Shop, shopByDomain } from '../shopify/shops.ts'
import { shopDomain } from '../shopify/verify.ts'
import { type Context, print, shopNamed, table, withContext } from './context.ts'
import { Failure } from './failure.ts'
import { note } from './note.ts'
import { limitOption } from './options.ts'
import { activate, namesApp } from './pixels.ts'

export function shopCommands(program: Command): void {
  program
    .command('shops')
    .description('list shops')
    .option('--query <text>', 'only those whose domain or name contains the text', '')
    .option('--after <domain>', 'only those whose domain comes after this one: the list goes on there', '')
    .option('--limit <n>', 'at most this many', limitOption, 1_000)
    .action(async (options: ListOptions, command: Command) => {
      const { query, limit } = options
      const after = options.after.toLowerCase()
      await withContext(async ({ store }) => {
        const { shops, more } = await findShops(store.database.prisma, query, after, limit)
        print(command, shops, list =>
          table(
            ['SHOP', 'NAME', 'INSTALLED', 'UNINSTALLED', 'ABANDONED AFTER', 'RELEASE WITHIN'],
            list.map(shop => [
              shop.domain,
              shop.name ?? '',
              shop.installedAt.toISOString(),
              shop.uninstalledAt?.toISOString() ?? '',
              waiting(shop.abandonedAfterMinutes),
              time(shop.releaseWithinDays, 'day'),
            ]),
            query || after
              ? `No shop's domain or name contains "${query}"${after && ` and comes after ${after}`}.`
              : `No shops yet. "${SLUICE} shop add NAME.myshopify.com" adds one for development.`,
          ),
        )
        const last = shops.at(-1)
        // Beside the list: what reads it as JSON is told too, and is not disturbed.
        if (more && last)
          console.error(`(More shops follow: "${commandFor(query, last.domain, limit)}" lists them.)`)
      })
    })

  const one = program.command('shop').description('one shop')

  one
    .command('add <domain>')
    .description('mark a shop as installed without the OAuth round, for development')
    .action(async (given: string, _options: unknown, command: Command) => {
      const domain = shopDomain(given)
      if (!domain) throw new Failure(`"${given}" is no shop domain; it must look like name.myshopify.com.`)
      await withContext(async ({ store }) => {
        const { prisma } = store.database
        const before = await shopByDomain(prisma, domain)
        if (before?.uninstalledAt === null)
          return print(command, before, () => `${domain} is installed already; nothing was changed.`)
        const shop = await installShop(prisma, domain, [])
        const installed = ({ installedAt, uninstalledAt }: Shop) => ({ installedAt, uninstalledAt })
        await note(store.pool, {
          action: 'shop_add',
          shop: domain,
          before: before && installed(before),
          after: installed(shop),
        })
        print(command, shop, () => `${domain} is installed${before ? ' again' : ''}.`)
      })
    })

  one
    .command('show <shop>')
    .description('what is known of a shop, its own settings, and the key of its web pixel')
    .action(async (domain: string, _options: unknown, command: Command) => {
      await withContext(async ({ store }) => {
        const shop = await shopNamed(store, domain)
        const keys = await readPixelKeys(store.pool, [shop.domain])
        print(command, { ...shop, pixelKey: keys.get(shop.domain)?.key ?? '' }, shown)
      })
    })

  one
    .command('rotate-key <shop>')
    .description('a new key for the web pixel, given to it at once; the one before counts for a day more')
    .action(async (domain: string, _options: unknown, command: Command) => {
      await withContext(async context => {
        const { pool } = context.store
        const shop = await shopNamed(context.store, domain)
        const pixelKey = await withTransaction(pool, async client => {
          await note(client, { action: 'shop_key', shop: shop.domain })
          return rotatePixelKey(client, shop.id)
        })
        const given = await giveKey(context, { id: shop.id, domain: shop.domain, key: pixelKey })
        print(command, { shop: shop.domain, pixelKey, ...given }, each =>
          [`${each.shop}: ${each.pixelKey}`, each.message].join('\n'),
        )
      })
    })

  one
    .command('set <shop>')
    .description("change a shop's own settings")
    .option(
      '--abandoned-after <minutes>',
      `a checkout left alone for so long counts as abandoned; ${ABANDONED_AFTER.never}: none does`,
      minutesOption,
    )
    .option(
      '--release-within <days>',
      'when a vendor is switched on again, what was received earlier than so many days before expires',
      daysOption,
    )
    .option(
      '--person-wait <hours>',
      `what a visitor does waits so long for the person to become known; ${PERSON_WAIT.never}: it does not wait`,
      hoursOption,
    )
    .action(async (domain: string, options: ShopOptions, command: Command) => {
      const { abandonedAfter, releaseWithin, personWait } = options
      if ([abandonedAfter, releaseWithin, personWait].every(given => given === undefined))
        throw new Failure(
          'Say what to set: --abandoned-after MINUTES, --release-within DAYS, --person-wait HOURS, or several.',
        )
      await withContext(async ({ store }) => {
        const shop = await shopNamed(store, domain)
        const { abandonedAfterMinutes, releaseWithinDays, personWaitHours } = shop
        const before = { abandonedAfterMinutes, releaseWithinDays, personWaitHours }
        const set = {
          ...(abandonedAfter !== undefined && { abandonedAfterMinutes: abandonedAfter }),
          ...(releaseWithin !== undefined && { releaseWithinDays: releaseWithin }),
          ...(personWait !== undefined && { personWaitHours: personWait }),
        }
        await withTransaction(store.pool, async client => {
          if (abandonedAfter !== undefined) await setAbandonedAfter(client, shop.id, abandonedAfter)
          if (releaseWithin !== undefined) await setReleaseWithin(client, shop.id, releaseWithin)
          if (personWait !== undefined) await setPersonWait(client, shop.id, personWait)
          await note(client, { action: 'shop_set', shop: shop.domain, before, after: { ...before, ...set } })
        })
        print(command, { shop: shop.domain, ...set }, each => sentences(each).join('\n'))
      })
    })
}

type ListOptions = { query: string; after: string; limit: number }

function commandFor(query: string, after: string, limit: number): string {
  const same = [
    ...(query ? [`--query ${JSON.stringify(query)}`] : []),
    ...(limit === 1_000 ? [] : [`--limit ${limit}`]),
  ]
  return [SLUICE, 'shops', ...same, `--after ${after}`].join(' ')
}

/** Gives the pixel its new key, where Shopify can be asked: else the merchant's key is new and only open pages' are not. */
async function giveKey(context: Context, shop: PixelShop): Promise<{ given: boolean; message: string }> {
  const remedy = `The key before counts for a day: until then "${SLUICE} pixel activate ${shop.domain}" must give the pixel the new one.`
  if (!namesApp(context))
    return {
      given: false,
      message: `The web pixel was not given it, because SHOPIFY_API_KEY, SHOPIFY_API_SECRET and SHOPIFY_APP_URL are not set here. ${remedy}`,
    }
  if (!(await hasSession(context.store.pool, shop.domain)))
    return {
      given: false,
      message: `The web pixel was not given it: ${ADMIN_FAILURES.no_session.merchant} ${remedy}`,
    }
  const { state, message } = await activate(context, shop)
  return state === 'active'
    ? {
        given: true,
        message: 'The web pixel has it; pages that are open keep the key before, which counts for a day.',
      }
    : { given: false, message: `The web pixel was not given it: ${message} ${remedy}` }
}

function shown(shop: Shop & { pixelKey: string }): string {
  const { installedAt, uninstalledAt } = shop
  const gone = uninstalledAt ? `, uninstalled ${uninstalledAt.toISOString()}` : ''
  return [
    shop.domain,
    `  name             ${shop.name ?? 'not known'}`,
    `  currency         ${shop.currency ?? 'not known'}`,
    `  storefront       ${shop.storefrontUrl}`,
    `  installed        ${installedAt.toISOString()}${gone}`,
    `  abandoned after  ${waiting(shop.abandonedAfterMinutes)}  (--abandoned-after)`,
    `  release within   ${time(shop.releaseWithinDays, 'day')}  (--release-within)`,
    `  person wait      ${shop.personWaitHours === PERSON_WAIT.never ? 'none' : time(shop.personWaitHours, 'hour')}  (--person-wait)`,
    `  pixel key        ${shop.pixelKey}`,
    `"${SLUICE} shop set ${shop.domain}" changes the three times.`,
  ].join('\n')
}

type ShopOptions = { abandonedAfter?: number; releaseWithin?: number; personWait?: number }
type ShopSettings = { abandonedAfterMinutes?: number; releaseWithinDays?: number; personWaitHours?: number }

function sentences(set: { shop: string } & ShopSettings) {
  const { shop, abandonedAfterMinutes: minutes, releaseWithinDays: within, personWaitHours: hours } = set
  return [
    ...(minutes === ABANDONED_AFTER.never ? [`${shop}: no checkout counts as abandoned any more.`] : []),
    ...(minutes
      ? [
          `${shop}: a checkout counts as abandoned after ${waiting(minutes)} without a change and without an order.`,
        ]
      : []),
    ...(within
      ? [`${shop}: a release sends what was received within ${time(within, 'day')} before it.`]
      : []),
    ...(hours === PERSON_WAIT.never
      ? [`${shop}: what an unknown visitor does waits for nobody any more.`]
      : []),
    ...(hours
      ? [
          `${shop}: what a visitor does waits for ${time(hours, 'hour')} until it is known who the visitor is.`,
        ]
      : []),
  ]
}

function daysOption(value: string): number {
  const days = /^\d{1,2}$/.test(value) ? Number(value) : Number.NaN
  if (days >= 1 && days <= 30) return days
  throw new Failure(
    '--release-within must be a whole number of days from 1 to 30: events are kept for longer than that.',
  )
}

function hoursOption(value: string): number {
  const { min, max, never } = PERSON_WAIT
  const hours = /^\d{1,3}$/.test(value) ? Number(value) : Number.NaN
  if (hours === never || (hours >= min && hours <= max)) return hours
  throw new Failure(
    `--person-wait must be a whole number of hours from ${min} to ${max}, or ${never} for not at all.`,
  )
}

function minutesOption(value: string): number {
  const { min, max, never } = ABANDONED_AFTER
  const minutes = /^\d{1,5}$/.test(value) ? Number(value) : Number.NaN
  if (minutes === never || (minutes >= min && minutes <= max)) return minutes
  throw new Failure(
    `--abandoned-after must be a whole number of minutes from ${min} to ${max}, or ${never} for never.`,
  )
}

function waiting(minutes: number): string {
  return minutes === ABANDONED_AFTER.never ? 'never' : time(minutes, 'minute')
}

/** "1 hour", "48 hours" */
function time(count: number, unit: 'minute' | 'hour' | 'day'): string {
  return new Intl.NumberFormat('en', { style: 'unit', unit, unitDisplay: 'long', useGrouping: false }).format(
    count,
  )
}
