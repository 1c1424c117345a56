/** The example in docs/storefront.md of a batch by hand, run as it stands there, with this app's address and shop in the demo's place. */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, it } from 'vitest'
import { readPixelKeys } from '../../app/shopify/pixel-key.ts'
import { SHOP } from '../support/app.ts'
import { runningApp } from '../support/fresh-app.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const { app } = runningApp()

/** The lines that find the demo's key are the command line's own, which has tests of its own. */
function example(url: string, key: string): string {
  const document = readFileSync(resolve(ROOT, 'docs/storefront.md'), 'utf8')
  const [, block = ''] = /^```sh\n(SHOP=.*?)^```/ms.exec(document) ?? []
  return block
    .replace(/^SHOP=.*/, `SHOP=${SHOP}`)
    .replace(/^KEY=.*/m, `KEY=${key}`)
    .replace('http://127.0.0.1:3000', url)
}

it('a batch of the pixel by hand, as documented, is taken', async () => {
  const { pool } = app.server.services
  const key = (await readPixelKeys(pool, [SHOP])).get(SHOP)?.key ?? ''
  const child = spawn('sh', ['-c', example(app.url, key)], { stdio: ['ignore', 'pipe', 'pipe'] })
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)])
  expect([out.trim(), err]).toEqual(['202 {"accepted":3,"rejected":[]}', ''])
  const { rows } = await pool.query<{ type: string; fresh: boolean }>(
    `select type, occurred_at > now() - interval '5 minutes' as fresh from events order by id`,
  )
  expect(rows).toEqual(
    ['product_viewed', 'product_added_to_cart', 'checkout_started'].map(type => ({ type, fresh: true })),
  )
})
