/** `sluice doctor`. */
import type { Command } from 'commander'
import { examine } from '../insights/doctor.ts'
import { print, withContext } from './context.ts'

export function doctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('check this installation; exits 1 when something needs mending')
    .action(async (_options: unknown, command: Command) => {
      await withContext(async ({ store }) => {
        const checks = await examine(store.pool, store.sealer)
        if (checks.some(check => !check.ok)) process.exitCode = 1
        print(command, checks, list =>
          list.map(({ ok, name, detail }) => `${ok ? 'ok  ' : 'FAIL'}  ${name}: ${detail}`).join('\n'),
        )
      })
    })
}
