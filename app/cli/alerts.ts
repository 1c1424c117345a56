/** `sluice alerts`. */
import type { Command } from 'commander'
import { listAlerts } from '../insights/alerts/list.ts'
import { print, shopNamed, table, withContext } from './context.ts'

export function alertCommands(program: Command): void {
  program
    .command('alerts')
    .description('what is wrong with lanes, and what to do')
    .option('--shop <shop>', 'of one shop')
    .option('--all', 'also those that are over')
    .action(async (options: { shop?: string; all?: boolean }, command: Command) => {
      await withContext(async ({ store }) => {
        const shop = options.shop === undefined ? null : await shopNamed(store, options.shop)
        const alerts = await listAlerts(store.pool, shop?.id ?? null, options.all ?? false)
        print(command, alerts, list =>
          table(
            ['SHOP', 'VENDOR', 'WHAT', 'SINCE', 'OVER', 'WHAT TO DO'],
            list.map(alert => [
              alert.shop,
              alert.vendor,
              alert.title,
              alert.since.toISOString(),
              alert.resolvedAt?.toISOString() ?? '',
              alert.message,
            ]),
            options.all ? 'There has been no alert.' : 'No alert is open.',
          ),
        )
      })
    })
}
