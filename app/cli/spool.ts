/** `sluice spool`. */
import type { Command } from 'commander'
import { hurrySpool, listSpool } from '../delivery/spool.ts'
import { print, table, withContext } from './context.ts'

export function spoolCommand(program: Command): void {
  program
    .command('spool')
    .description('requests that were kept as they came and are not accepted yet')
    .option('--retry', 'try again now what could not be accepted')
    .action(async ({ retry }: { retry?: boolean }, command: Command) => {
      await withContext(async ({ store }) => {
        if (retry) {
          print(command, { due: await hurrySpool(store.pool) }, ({ due }) =>
            due === 0
              ? 'Nothing rests in the spool.'
              : `${due} are tried again by the next worker, within a second.`,
          )
          return
        }
        print(command, await listSpool(store.pool), list =>
          table(
            ['SHOP', 'REQUESTS', 'OLDEST', 'WHY'],
            list.map(({ shop, requests, oldest, failure }) => [
              shop,
              String(requests),
              oldest.toISOString(),
              failure ?? 'It waits for a worker.',
            ]),
            'The spool is empty.',
          ),
        )
      })
    })
}
