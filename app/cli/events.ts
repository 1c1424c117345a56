/** `sluice events`. */
import type { Command } from 'commander'
import { EVENT_TYPES, type EventType } from '../events/types.ts'
import { type EventLine, listEvents } from '../insights/events.ts'
import { print, shopNamed, table, timeOption, withContext } from './context.ts'
import { limitOption, oneOf } from './options.ts'

type Options = { type?: EventType; since?: Date; visitor?: string; limit: number }

export function eventsCommand(program: Command): void {
  program
    .command('events <shop>')
    .description('list events, newest first, also those of which no vendor is told')
    .option('--type <type>', 'of one type, such as product_viewed', oneOf(EVENT_TYPES))
    .option('--since <time>', 'received since a date, a time or an age such as 24h', timeOption('--since'))
    .option('--visitor <id>', 'of one visitor')
    .option('--limit <n>', 'at most this many', limitOption, 100)
    .action(async (domain: string, options: Options, command: Command) => {
      await withContext(async ({ store }) => {
        const shop = await shopNamed(store, domain)
        const lines = await listEvents(store.database.prisma, { shopId: shop.id, ...options })
        print(command, lines, list =>
          table(
            ['EVENT', 'TYPE', 'RECEIVED', 'SOURCE', 'VISITOR', 'DELIVERIES'],
            list.map(line => [
              line.eventId,
              line.type,
              line.receivedAt.toISOString(),
              line.source,
              line.visitorId ?? '',
              deliveriesOf(line),
            ]),
            'No events match.',
          ),
        )
      })
    })
}

function deliveriesOf({ deliveries }: EventLine): string {
  return deliveries.map(({ vendor, state }) => `${vendor} ${state}`).join(', ') || 'none'
}
