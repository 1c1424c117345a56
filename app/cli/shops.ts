/** `sluice shops`, `sluice shop add`. */
import type { Command } from 'commander'
import { findShops, installShop } from '../shopify/shops.ts'
import { shopDomain } from '../shopify/verify.ts'
import { print, table, withContext } from './context.ts'
import { Failure } from './failure.ts'

export function shopCommands(program: Command): void {
  program
    .command('shops')
    .description('list shops')
    .option('--query <text>', 'only those whose domain or name contains the text', '')
    .action(async (options: { query: string }, command: Command) => {
      await withContext(async ({ store }) => {
        const shops = await findShops(store.database.prisma, options.query)
        print(command, shops, list =>
          table(
            ['SHOP', 'NAME', 'INSTALLED', 'UNINSTALLED'],
            list.map(shop => [
              shop.domain,
              shop.name ?? '',
              shop.installedAt.toISOString(),
              shop.uninstalledAt?.toISOString() ?? '',
            ]),
            options.query
              ? `No shop's domain or name contains "${options.query}".`
              : 'No shops yet. "sluice shop add NAME.myshopify.com" adds one for development.',
          ),
        )
      })
    })

  program
    .command('shop')
    .description('one shop')
    .command('add <domain>')
    .description('mark a shop as installed without the OAuth round, for development')
    .action(async (given: string, _options: unknown, command: Command) => {
      const domain = shopDomain(given)
      if (!domain) throw new Failure(`"${given}" is no shop domain; it must look like name.myshopify.com.`)
      await withContext(async ({ store }) => {
        const shop = await installShop(store.database.prisma, domain, [])
        print(command, shop, ({ domain }) => `${domain} is installed.`)
      })
    })
}
