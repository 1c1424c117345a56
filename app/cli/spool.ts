/** `sluice spool`. */
import type { Command } from 'commander'
import { withTransaction } from '../db/database.ts'
import { hurrySpool, listSpool } from '../delivery/spool.ts'
import { print, table, withContext } from './context.ts'
import { note } from './note.ts'

export function spoolCommand(program: Command): void {
  program
    .command('spool')
    .description('requests that were kept as they came and are not accepted yet')
    .option('--retry', 'try again now what could not be accepted')
    .action(async ({ retry }: { retry?: boolean }, command: Command) => {
      await withContext(async ({ store }) => {
        if (retry) {
          const due = await withTransaction(store.pool, async client => {
            const hurried = await hurrySpool(client)
            await note(client, { action: 'spool_retry', after: { due: hurried } })
            return hurried
          })
          print(command, { due }, () =>
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
