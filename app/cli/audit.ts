/** `sluice audit`. */
import { once } from 'node:events'
import { type Command, InvalidArgumentError } from 'commander'
import { SLUICE } from '../command-line.ts'
import { vendorById } from '../delivery/connections.ts'
import { idIn } from '../events/id.ts'
import { type AuditFilter, type AuditLine, auditEntries } from '../insights/audit.ts'
import { exportEntry } from '../runtime/support-audit.ts'
import { AUDIT_ACTIONS, type AuditAction } from '../support/audit.ts'
import { toldEntry } from './audit-words.ts'
import { printable, table, timeOption, widthsOf, withContext } from './context.ts'
import { note } from './note.ts'
import { limitOption, oneOf } from './options.ts'

type AuditOptions = Omit<AuditFilter, 'actions'> & {
  action?: AuditAction
  limit?: number
  all?: boolean
  jsonl?: boolean
}

const LISTED = 100
const STEP = 1_000
const HEADER = ['AT', 'WHO', 'FROM', 'WHAT', 'SHOP', 'VENDOR', 'SUBJECT', 'WHY', 'CHANGED']

export function auditCommand(program: Command): void {
  program
    .command('audit')
    .description('what support and the command line did, newest first')
    .option('--shop <shop>', 'to one shop; it need not be there any more')
    .option('--actor <who>', 'by one account (its e-mail) or "command line: NAME", exactly as written')
    .option('--action <action>', `one of ${AUDIT_ACTIONS.join(', ')}`, oneOf(AUDIT_ACTIONS))
    .option('--vendor <vendor>', 'of one vendor', vendor => vendorById(vendor).id)
    .option('--reason <text>', 'whose reason holds the text, in whatever case')
    .option('--fleet <id>', 'of one fleet action: itself and each of its shops', fleetId)
    .option(
      '--each-shop',
      'also each shop of fleet actions; without this they are left out, unless --shop, --action or --fleet is given',
    )
    .option('--since <time>', 'since a date, a time or an age such as 24h', timeOption('--since'))
    .option('--until <time>', 'before a date, a time or an age such as 24h', timeOption('--until'))
    .option('--limit <n>', `at most this many; without it ${LISTED}`, limitOption)
    .option('--all', 'all there are, however many')
    .option(
      '--jsonl',
      "as the console's file: all there are, each as JSON on a line of its own; is an entry itself",
    )
    .action(async ({ action, limit, all, jsonl, shop, ...filter }: AuditOptions, command: Command) => {
      const most = limit ?? (all || jsonl ? Number.POSITIVE_INFINITY : LISTED)
      const asked: AuditFilter = {
        ...filter,
        shop: shop?.toLowerCase(),
        ...(action && { actions: [action] }),
      }
      const { json = false } = command.optsWithGlobals<{ json?: boolean }>()
      await withContext(async ({ store }) => {
        if (jsonl) await note(store.pool, exportEntry(asked))
        const pages = atMost(auditEntries(store.pool, asked, null, Math.min(most, STEP)), most)
        for await (const text of jsonl ? asLines(pages) : json ? asArray(pages) : asTable(pages))
          await write(text)
      })
    })
}

function fleetId(value: string): string {
  const id = idIn(value)
  if (id !== null) return id
  throw new InvalidArgumentError(`It must be an id that "${SLUICE} fleet list" shows.`)
}

type Pages = AsyncIterable<AuditLine[]>

async function* atMost(pages: Pages, most: number): AsyncGenerator<AuditLine[]> {
  let left = most
  for await (const page of pages) {
    yield page.slice(0, left)
    left -= page.length
    if (left <= 0) return
  }
}

async function* asLines(pages: Pages): AsyncGenerator<string> {
  for await (const page of pages) yield page.map(line => `${JSON.stringify(line)}\n`).join('')
}

async function* asArray(pages: Pages): AsyncGenerator<string> {
  let before = '['
  for await (const page of pages)
    for (const line of page) {
      yield `${before}\n  ${JSON.stringify(line, null, 2).split('\n').join('\n  ')}`
      before = ','
    }
  yield before === '[' ? '[]\n' : '\n]\n'
}

/** Columns are as wide as the first page needs. */
async function* asTable(pages: Pages): AsyncGenerator<string> {
  let widths: number[] | null = null
  for await (const page of pages) {
    const rows = page.map(cells)
    const isFirst: boolean = widths === null
    widths ??= widthsOf(HEADER, rows)
    const lines = table(HEADER, rows, '', widths)
    yield printable(isFirst ? `${lines}\n` : `${lines.slice(lines.indexOf('\n') + 1)}\n`)
  }
  if (widths === null) yield 'The audit has no such entry.\n'
}

function cells(line: AuditLine): string[] {
  const { who, what, changes } = toldEntry(line)
  const { at, address, shop, vendor, subject, reason } = line
  return [
    at.toISOString(),
    who,
    address ?? '',
    what,
    shop ?? '',
    vendor ?? '',
    subject ?? '',
    reason ?? '',
    changes,
  ]
}

/** Waits for whoever reads it: a million entries are never in memory. */
async function write(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain')
}
