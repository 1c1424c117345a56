import { spawnSync } from 'node:child_process'
import { EmbeddedError } from './errors.ts'

/** The operating system's user that the server runs as. */
export type Account = { uid: number; gid: number }

/** Runs a command and gives what it printed; null when it failed or does not exist. */
type Run = (command: string, args: readonly string[]) => string | null

const NAME = 'postgres'

/**
 * An unprivileged user for a server started by root, which PostgreSQL refuses to run as: `postgres`, made when it
 * is missing, else `nobody`.
 * @throws EmbeddedError when there is none and none can be made
 */
export function unprivilegedAccount(run: Run = runCommand): Account {
  const account = lookUp(NAME, run) ?? create(run) ?? lookUp('nobody', run)
  if (account) return account
  throw new EmbeddedError(
    `PostgreSQL does not run as root and the user "${NAME}" could not be made; create it, start as another user, or set DATABASE_URL to a PostgreSQL of your own.`,
  )
}

/** May this user write in the directory, through all the directories above it? */
export function canWrite({ uid, gid }: Account, directory: string): boolean {
  return runsAs({ uid, gid }, 'cd "$1" && test -w .', directory)
}

/** May this user run the server below this directory and read what belongs to it? */
export function canRun({ uid, gid }: Account, root: string): boolean {
  return runsAs(
    { uid, gid },
    '"$1/bin/postgres" --version && test -r "$1/share/postgresql/postgres.bki"',
    root,
  )
}

/** Asking the system as that user honours access lists and mounts, which reading file modes would miss. */
function runsAs(account: Account, script: string, argument: string): boolean {
  return (
    spawnSync('/bin/sh', ['-c', script, 'sh', argument], { ...account, cwd: '/', stdio: 'ignore' }).status ===
    0
  )
}

function lookUp(name: string, run: Run): Account | null {
  const [uid, gid] = [run('id', ['-u', name]), run('id', ['-g', name])].map(id =>
    Number.parseInt(id ?? '', 10),
  )
  return uid && gid && uid > 0 ? { uid, gid } : null
}

/** `useradd` on most systems, `adduser` where BusyBox has the tools. */
function create(run: Run): Account | null {
  const made =
    run('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', NAME]) ??
    run('adduser', ['-S', '-D', '-H', '-s', '/sbin/nologin', NAME])
  return made === null ? null : lookUp(NAME, run)
}

function runCommand(command: string, args: readonly string[]): string | null {
  const result = spawnSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  return result.status === 0 ? result.stdout : null
}
