/** `sluice keys rotate|show`. */
import type { Command } from 'commander'
import { SLUICE } from '../command-line.ts'
import type { Config } from '../config.ts'
import { type Lost, lostInWords, lostTogether } from '../runtime/lost-values.ts'
import { type KeyUse, keyUses, type Rotating, rotateKeys } from '../runtime/rotate-keys.ts'
import texts from '../ui/support/texts/keys.json' with { type: 'json' }
import { print, table, withContext } from './context.ts'
import { note } from './note.ts'
import { INTERRUPTED } from './options.ts'

export function keyCommands(program: Command): void {
  const keys = program.command('keys').description('the keys that seal secrets and personal fields')

  keys
    .command('show')
    .description('how much is sealed with which key; reads all of it')
    .action(async (_options: unknown, command: Command) => {
      await withContext(async ({ store, config }) => {
        const used = await keyUses(store.pool)
        print(command, { first: firstOf(config), used }, () => told(config, used))
      })
    })

  keys
    .command('rotate')
    .description('seal with the first key what is sealed with another; again after it was broken off')
    .action(async (_options: unknown, command: Command) => {
      await withContext(async ({ store, config }) => {
        const first = firstOf(config)
        const before = byKey(await keyUses(store.pool))
        const entry = (was: unknown, after: unknown) =>
          note(store.pool, { action: 'keys_rotate', subject: first, before: was, after })
        await entry(null, { state: 'begun', under: before })
        const { isThrough, ...done } = await rotated({ ...store, keyId: first }, so =>
          entry(null, { state: 'broken off', ...noted(so) }),
        )
        if (!isThrough) return print(command, { first, ...done, brokenOff: true }, () => broken(first, done))
        const used = await keyUses(store.pool)
        const after = { ...byKey(used) }
        const gone = Object.fromEntries(Object.keys(before).map(key => [key, after[key] ?? 0]))
        await entry({ under: before }, { state: 'through', ...noted(done), under: { ...gone, ...after } })
        print(command, { first, ...done, used }, () =>
          [`Sealed anew with "${first}": ${done.sealed}.`, ...lostLines(done), told(config, used)].join('\n'),
        )
      })
    })
}

/** What came of a rotation, as far as it is. */
type Done = { sealed: number; unreadable: number; lost: Lost[] }

/**
 * Ctrl-C ends it after the present step, and the process as it would have.
 * @param onBroken is told how far it came when it is broken off, by whatever
 */
async function rotated(
  rotating: Rotating,
  onBroken: (done: Done) => Promise<void>,
): Promise<Done & { isThrough: boolean }> {
  let done: Done = { sealed: 0, unreadable: 0, lost: [] }
  let isThrough = true
  const breakOff = () => {
    isThrough = false
    process.exitCode = INTERRUPTED
  }
  process.once('SIGINT', breakOff)
  try {
    for await (const { sealed, unreadable, lost } of rotateKeys(rotating)) {
      done = {
        sealed: done.sealed + sealed,
        unreadable: done.unreadable + unreadable,
        lost: lostTogether([...done.lost, ...lost]),
      }
      if (!isThrough) break
    }
  } catch (error) {
    // What broke it off may be the database's, and is what is to be told.
    await onBroken(done).catch(() => {})
    throw error
  } finally {
    process.off('SIGINT', breakOff)
  }
  if (!isThrough) await onBroken(done)
  return { ...done, isThrough }
}

/** As the audit keeps it. */
const noted = ({ lost, ...counts }: Done) => ({ ...counts, lost: lost.map(lostInWords) })

function broken(first: string, done: Done): string {
  return [
    `Broken off: ${done.sealed} sealed anew with "${first}", which stay so. Begun again, it finds what is left.`,
    ...lostLines(done),
  ].join('\n')
}

/** Where it is and what to do; nothing where all was opened. */
function lostLines({ unreadable, lost }: Done): string[] {
  if (unreadable === 0) return []
  const remedies = new Map(Object.entries(texts.remedy))
  return [
    `Not readable with the keys there are, and left as they were: ${unreadable}. ${texts.rotate.back}`,
    ...lost.map(each => `  ${lostInWords(each)}: ${remedies.get(each.table) ?? ''}`.trimEnd()),
  ]
}

const firstOf = (config: { sealingKeys: readonly { id: string }[] }) => config.sealingKeys[0]?.id ?? ''

function byKey(used: readonly KeyUse[]): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const { key, count } of used) sums[key] = (sums[key] ?? 0) + count
  return sums
}

function told({ sealingKeys }: Pick<Config, 'sealingKeys'>, used: readonly KeyUse[]): string {
  const [first = '', ...others] = sealingKeys.map(({ id }) => id)
  const under = (which: (use: KeyUse) => boolean) =>
    used.filter(use => use.key !== first && which(use)).reduce((sum, { count }) => sum + count, 0)
  const isSpool = ({ table }: KeyUse) => table === 'spool'
  const kept = under(use => others.includes(use.key) && !isSpool(use))
  const lost = under(use => !others.includes(use.key) && !isSpool(use))
  const spooled = under(isSpool)
  const rows = used.map(each => [each.key, each.table, each.column, each.kind, String(each.count)])
  return [
    table(['KEY', 'TABLE', 'COLUMN', 'AS', 'COUNT'], rows, 'Nothing is sealed yet.'),
    ...(kept > 0
      ? [
          `Still under another key than "${first}": ${kept}. Keep those keys, and run "${SLUICE} keys rotate".`,
        ]
      : []),
    ...(lost > 0
      ? [`Under a key that SLUICE_SECRETS_KEYS does not have: ${lost}. Put it back there, after the first.`]
      : []),
    ...(spooled > 0
      ? [
          `In the spool under another key than "${first}": ${spooled}. It is not sealed anew and empties by itself within a week: keep those keys until then.`,
        ]
      : []),
    ...(kept + lost + spooled === 0
      ? [
          `Nothing is under another key than "${first}": once every process has it first, the others can be taken out of SLUICE_SECRETS_KEYS.`,
        ]
      : []),
  ].join('\n')
}
