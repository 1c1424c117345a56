/** Sealing anew by the command line, and what its audit tells. */
import { expect, it } from 'vitest'
import { newShop } from '../../app/delivery/testing.ts'
import { customerContext } from '../../app/identity/customer-record.ts'
import { createSealer } from '../../app/secrets/seal.ts'
import { runCommand } from '../support/command-line.ts'
import { runningApp } from '../support/fresh-app.ts'

const { app } = runningApp()
const [NEW, OLD, LOST] = ['spring', 'autumn', 'winter'].map((id, n) => ({ id, bytes: Buffer.alloc(32, n) }))
const KEYS = [NEW, OLD].map(key => `${key?.id}:${key?.bytes.toString('base64')}`).join(',')
const rotate = (...args: string[]) =>
  runCommand(app, ['keys', 'rotate', ...args], { SLUICE_SECRETS_KEYS: KEYS, LOG_LEVEL: '' })
const pool = () => app.server.services.pool

async function sealed(shopId: number, key: typeof OLD, count: number): Promise<void> {
  const ids = Array.from({ length: count }, (_, n) => `${key?.id}-${n}`)
  const sealer = createSealer(key ? [key] : [])
  await pool().query(
    'insert into customers (shop_id, customer_id, personal) select $1, unnest($2::text[]), unnest($3::text[])',
    [shopId, ids, ids.map(id => sealer.seal('{}', customerContext(shopId, id)))],
  )
}
const told = async () =>
  (await runCommand(app, ['audit', '--action', 'keys_rotate', '--limit', '2'])).out.split('\n').slice(1)

it('broken off in the middle is told as begun and broken off, and through with what was and what is', async () => {
  const shopId = await newShop(pool(), 'keys')
  await sealed(shopId, OLD, 130)
  await sealed(shopId, LOST, 2)
  await pool().query(
    `create function refuse() returns trigger language plpgsql as $$ begin raise 'no'; end $$`,
  )
  await pool().query(`create trigger refuse before update on customers execute function refuse()`)
  expect((await rotate()).code).toBe(1)
  const [broken, begun] = await told()
  expect(begun).toMatch(/State: begun; Under: autumn: 130; Under: winter: 2/)
  expect(broken).toMatch(/State: broken off; Sealed anew: 0/)
  for (const each of [broken, begun]) expect(each).not.toContain('→')
  await pool().query('drop trigger refuse on customers')

  const { out } = await rotate()
  expect(out).toContain('Sealed anew with "spring": 130.')
  expect(out).toMatch(/were: 2\. .*put the key back into SLUICE_SECRETS_KEYS/)
  expect(out).toContain(
    '  2 in customers.personal under "winter" (keys.myshopify.com): Nothing can be done: these people count as unknown',
  )
  expect(out).toContain('Under a key that SLUICE_SECRETS_KEYS does not have: 2.')
  const [through] = await told()
  for (const part of [
    ...['Under: autumn: 130 → 0', 'Under: spring: 130', 'State: through', 'Sealed anew: 130'],
    ...['Could not be opened: 2', 'Could not be opened, and stays: 2 in customers.personal under "winter"'],
  ])
    expect(through).toContain(part)
})
