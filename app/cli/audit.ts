/** `sluice audit`. */
import { type Command, InvalidArgumentError } from 'commander'
import { SLUICE } from '../command-line.ts'
import { idIn } from '../events/id.ts'
import { type AuditLine, type AuditPlace, auditPage } from '../insights/audit.ts'
import { AUDIT_ACTIONS, type AuditAction } from '../support/audit.ts'
import { toldEntry } from './audit-words.ts'
import { type Context, print, table, timeOption, withContext } from './context.ts'
import { limitOption, oneOf } from './options.ts'

type AuditOptions = {
  shop?: string
  actor?: string
  action?: AuditAction
  fleet?: string
  eachShop?: boolean
  since?: Date
  limit: number
}

export function auditCommand(program: Command): void {
  program
    .command('audit')
    .description('what support and the command line did, newest first')
    .option('--shop <shop>', 'to one shop; it need not be there any more')
    .option('--actor <who>', 'by one account (its e-mail) or "command line: NAME", exactly as written')
    .option('--action <action>', `one of ${AUDIT_ACTIONS.join(', ')}`, oneOf(AUDIT_ACTIONS))
    .option('--fleet <id>', 'of one fleet action: itself and each of its shops', fleetId)
    .option(
      '--each-shop',
      'also each shop of fleet actions; without this they are left out, unless --shop, --action or --fleet is given',
    )
    .option('--since <time>', 'since a date, a time or an age such as 24h', timeOption('--since'))
    .option('--limit <n>', 'at most this many', limitOption, 100)
    .action(async (options: AuditOptions, command: Command) => {
      await withContext(async context => {
        print(command, await newest(context, options), list =>
          table(
            ['AT', 'WHO', 'FROM', 'WHAT', 'SHOP', 'VENDOR', 'SUBJECT', 'WHY', 'CHANGED'],
            list.map(line => {
              const { who, what, changes } = toldEntry(line)
              return [
                line.at.toISOString(),
                who,
                line.address ?? '',
                ...[what, line.shop ?? '', line.vendor ?? '', line.subject ?? '', line.reason ?? '', changes],
              ]
            }),
            'The audit has no such entry.',
          ),
        )
      })
    })
}

function fleetId(value: string): string {
  const id = idIn(value)
  if (id !== null) return id
  throw new InvalidArgumentError(`It must be an id that "${SLUICE} fleet list" shows.`)
}

/** A page may end before it is full, where little matches. */
async function newest(
  { store }: Context,
  { shop, action, limit, ...filter }: AuditOptions,
): Promise<AuditLine[]> {
  const asked = { ...filter, shop: shop?.toLowerCase(), ...(action && { actions: [action] }) }
  const found: AuditLine[] = []
  let place: AuditPlace | null = null
  do {
    const page = await auditPage(store.pool, asked, place, limit - found.length)
    found.push(...page.lines)
    place = page.older
  } while (place && found.length < limit)
  return found
}
