/** `sluice keys rotate|show`. */
import type { Command } from 'commander'
import { type KeyUse, keyUses, rotateKeys } from '../runtime/rotate-keys.ts'
import { print, table, withContext } from './context.ts'
import { note } from './note.ts'

export function keyCommands(program: Command): void {
  const keys = program.command('keys').description('the keys that seal secrets and personal fields')

  keys
    .command('show')
    .description('how much is sealed with which key; reads all of it')
    .action(async (_options: unknown, command: Command) => {
      await withContext(async ({ store, config }) => {
        const used = await keyUses(store.pool)
        print(command, { first: firstOf(config), used }, ({ first }) => told(first, used))
      })
    })

  keys
    .command('rotate')
    .description('seal with the first key what is sealed with another; again after it was broken off')
    .action(async (_options: unknown, command: Command) => {
      await withContext(async ({ store, config }) => {
        const first = firstOf(config)
        await note(store.pool, {
          action: 'keys_rotate',
          subject: first,
          before: byKey(await keyUses(store.pool)),
        })
        const done = await rotateKeys({ pool: store.pool, sealer: store.sealer, keyId: first })
        const used = await keyUses(store.pool)
        const sealed = done.reduce((sum, each) => sum + each.sealed, 0)
        const unreadable = done.reduce((sum, each) => sum + each.unreadable, 0)
        const after = { sealed, unreadable, ...byKey(used) }
        await note(store.pool, { action: 'keys_rotate', subject: first, after })
        print(command, { first, sealed, unreadable, used }, () =>
          [
            `Sealed anew with "${first}": ${sealed}.`,
            ...(unreadable > 0
              ? [`Not readable with the keys there are, and left as they were: ${unreadable}.`]
              : []),
            told(first, used),
          ].join('\n'),
        )
      })
    })
}

const firstOf = (config: { sealingKeys: readonly { id: string }[] }) => config.sealingKeys[0]?.id ?? ''

function byKey(used: readonly KeyUse[]): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const { key, count } of used) sums[key] = (sums[key] ?? 0) + count
  return sums
}

function told(first: string, used: readonly KeyUse[]): string {
  const left = used.filter(({ key }) => key !== first)
  const rows = used.map(each => [each.key, each.table, each.column, each.kind, String(each.count)])
  return [
    table(['KEY', 'TABLE', 'COLUMN', 'AS', 'COUNT'], rows, 'Nothing is sealed yet.'),
    left.length === 0
      ? `Nothing is under another key than "${first}": once every process has it first, the others can be taken out of SLUICE_SECRETS_KEYS.`
      : `Still under another key than "${first}": ${left.reduce((sum, { count }) => sum + count, 0)}. Keep those keys.`,
  ].join('\n')
}
