/** `sluice support add|list|role|disable|enable|reset|unlock|sessions`: who works in the support console. */
import type { Command } from 'commander'
import { toString as drawn } from 'qrcode'
import { SLUICE } from '../command-line.ts'
import {
  type Account,
  AccountError,
  type AccountTrouble,
  addAccount,
  asEmail,
  endAccountSessions,
  type Given,
  listAccounts,
  resetAccount,
  setDisabled,
  setRole,
  unlockAccount,
} from '../support/accounts.ts'
import { ROLES, type Role } from '../support/roles.ts'
import { listSessions } from '../support/sessions.ts'
import { commandActor } from './actor.ts'
import { type Context, print, table, withContext } from './context.ts'
import { counted } from './counted.ts'
import { Failure } from './failure.ts'
import { oneOf } from './options.ts'

const TROUBLES: Record<AccountTrouble, (email: string) => string> = {
  exists: email =>
    `There is an account ${email} already; "${SLUICE} support role ${email} ROLE" changes its role.`,
  missing: email => `There is no account ${email}; "${SLUICE} support add ${email} --role ROLE" adds it.`,
  last_admin: email => `${email} is the last admin who can sign in; make somebody else an admin first.`,
  no_email: email => `"${email}" is no e-mail address.`,
}

export function supportCommands(program: Command): void {
  const support = program.command('support').description('accounts of the support console')
  const role = oneOf(ROLES)

  support
    .command('add <email>')
    .description('an account; prints once what its person signs in with')
    .requiredOption('--role <role>', `one of ${ROLES.join(', ')}`, role)
    .action(async (email: string, options: { role: Role }, command: Command) => {
      const given = await onAccount(email, ({ store }) =>
        addAccount(store, commandActor(), email, options.role),
      )
      await handOver(command, given, 'added')
    })

  support
    .command('reset <email>')
    .description(
      'a new password and a new secret for codes, printed once; ends its sessions, forgets failed tries',
    )
    .action(async (email: string, _options: unknown, command: Command) => {
      const given = await onAccount(email, ({ store }) => resetAccount(store, commandActor(), email))
      await handOver(command, given, 'reset')
    })

  support
    .command('unlock <email>')
    .description('forgets failed tries to sign in: whoever is to wait may try again')
    .action(async (email: string, _options: unknown, command: Command) => {
      const counts = await onAccount(email, ({ store }) => unlockAccount(store, commandActor(), email))
      const said = { email: asEmail(email), counts }
      print(
        command,
        said,
        each => `Nobody has to wait to sign in as ${each.email} (${each.counts} counts were forgotten).`,
      )
    })

  support
    .command('list')
    .description('all accounts')
    .action(async (_options: unknown, command: Command) => {
      await withContext(async ({ store }) => print(command, await listAccounts(store.pool), listed))
    })

  support
    .command('role <email> <role>')
    .description('gives an account another role; ends its sessions')
    .action(async (email: string, given: string, _options: unknown, command: Command) => {
      const wanted = role(given)
      await onAccount(email, ({ store }) => setRole(store, commandActor(), email, wanted))
      const said = { email: asEmail(email), role: wanted }
      print(command, said, each => `${each.email} is ${each.role} now.`)
    })

  for (const [name, description] of [
    ['disable', 'it cannot sign in any more; ends its sessions'],
    ['enable', 'it can sign in again'],
  ] as const)
    support
      .command(`${name} <email>`)
      .description(description)
      .action(async (email: string, _options: unknown, command: Command) => {
        const disabled = name === 'disable'
        await onAccount(email, ({ store }) => setDisabled(store, commandActor(), email, disabled))
        const said = { email: asEmail(email), disabled }
        print(command, said, each => `${each.email} is ${name}d.`)
      })

  support
    .command('sessions <email>')
    .description('the browsers that are signed in as an account')
    .option('--end', 'sign them all out')
    .action(async (email: string, { end = false }: { end?: boolean }, command: Command) => {
      if (!end) return showSessions(email, command)
      const ended = await onAccount(email, ({ store }) => endAccountSessions(store, commandActor(), email))
      const said = { email: asEmail(email), ended }
      print(
        command,
        said,
        each =>
          `${counted(each.ended, 'session')} of ${each.email} ${each.ended === 1 ? 'was' : 'were'} ended.`,
      )
    })
}

/** @throws Failure for what is wrong with the account */
async function onAccount<T>(email: string, run: (context: Context) => Promise<T>): Promise<T> {
  const done: T[] = []
  await withContext(async context => {
    try {
      done.push(await run(context))
    } catch (error) {
      throw error instanceof AccountError ? new Failure(TROUBLES[error.trouble](asEmail(email))) : error
    }
  })
  return done[0] as T
}

async function showSessions(email: string, command: Command): Promise<void> {
  await withContext(async ({ store }) => {
    const account = (await listAccounts(store.pool)).find(each => each.email === asEmail(email))
    if (!account) throw new Failure(TROUBLES.missing(asEmail(email)))
    const sessions = await listSessions(store.pool, account.id)
    print(
      command,
      sessions.map(({ session: _, ...each }) => each),
      list =>
        table(
          ['SINCE', 'LAST USED', 'ADDRESS', 'BROWSER'],
          list.map(each => [
            each.createdAt.toISOString(),
            each.seenAt.toISOString(),
            each.address ?? '',
            each.agent ?? '',
          ]),
          `Nobody is signed in as ${account.email}.`,
        ),
    )
  })
}

async function handOver(command: Command, given: Given, done: string): Promise<void> {
  const picture = await drawn(given.address, { type: 'utf8' })
  print(command, given, ({ email, role, password, secret, address }) =>
    [
      `${email} is ${done}, as ${role}. This is shown once:`,
      `  password  ${password}`,
      `  secret    ${secret}  (for an authenticator app, which makes the codes)`,
      `  address   ${address}`,
      picture,
      'The console is at /support of the app.',
    ].join('\n'),
  )
}

function listed(accounts: readonly Account[]): string {
  return table(
    ['ACCOUNT', 'ROLE', 'SESSIONS', 'LAST SIGNED IN', 'DISABLED', 'LOCKED'],
    accounts.map(each => [
      each.email,
      each.role,
      String(each.sessions),
      each.signedInAt?.toISOString() ?? '',
      each.disabledAt?.toISOString() ?? '',
      each.isLocked ? `yes: "${SLUICE} support unlock ${each.email}"` : '',
    ]),
    `No accounts yet. "${SLUICE} support add NAME@example.com --role admin" adds one.`,
  )
}
