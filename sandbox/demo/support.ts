/** An account of the support console in the demo: made once per demo database, its password and secret kept in the demo's folder. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type Accounts,
  addAccount,
  type Given,
  listAccounts,
  resetAccount,
} from '../../app/support/accounts.ts'
import { codeAt } from '../../app/support/codes.ts'

const FILE = 'support.json'
/** Who signs in to the console, and whom merchants are told to ask. */
export const DEMO_SUPPORT = 'support@example.com'
const BY = { actor: 'demo', role: null, address: null } as const

/** @param folder closed to others, as the demo's key in it is */
export async function demoSupport(folder: string, accounts: Accounts): Promise<Given> {
  const file = join(folder, FILE)
  const isThere = (await listAccounts(accounts.pool)).some(({ email }) => email === DEMO_SUPPORT)
  if (isThere && existsSync(file)) return JSON.parse(readFileSync(file, 'utf8'))
  const given = isThere
    ? await resetAccount(accounts, BY, DEMO_SUPPORT)
    : await addAccount(accounts, BY, DEMO_SUPPORT, 'admin')
  writeFileSync(file, JSON.stringify(given, null, 2), { mode: 0o600 })
  return given
}

/** A code of this moment. @throws where no demo was started */
export function demoCode(folder: string): string {
  const file = join(folder, FILE)
  if (!existsSync(file)) throw new Error('No demo was started here yet: npm run demo starts it.')
  const { secret } = JSON.parse(readFileSync(file, 'utf8')) as Given
  return codeAt(secret, new Date())
}
