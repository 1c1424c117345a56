/** `sluice doctor`. */
import type { Command } from 'commander'
import { proxyTrouble } from '../config-storefront.ts'
import { examine } from '../insights/doctor.ts'
import { NOT_NEEDED, print, withContext } from './context.ts'

export function doctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('check this installation; exits 1 when something needs mending')
    .action(async (_options: unknown, command: Command) => {
      await withContext(async ({ store, config: { shopify, storefront } }) => {
        const isTold = shopify.appUrl !== NOT_NEEDED.SHOPIFY_APP_URL
        const proxies = isTold ? proxyTrouble(shopify.appUrl, storefront.trustedProxies) : undefined
        const checks = await examine(store.pool, store.sealer, proxies)
        if (checks.some(check => !check.ok)) process.exitCode = 1
        print(command, checks, list =>
          list.map(({ ok, name, detail }) => `${ok ? 'ok  ' : 'FAIL'}  ${name}: ${detail}`).join('\n'),
        )
      })
    })
}
