/** Running the command line as an operator does, beside a running app. */
import { type ChildProcess, fork, spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { environment, type TestApp } from './app.ts'
import { logLines } from './logs.ts'
import { INHERITED } from './process.ts'

const ROOT = resolve(import.meta.dirname, '../..')

/** What a command printed, and its exit code. */
export type Ran = { out: string; err: string; code: number | null }
export type Asked = { args: readonly string[]; env: NodeJS.ProcessEnv }

/**
 * Runs a command in a process that is kept for the next one.
 * @param env in place of the usual environment, name by name
 */
export function runCommand(app: TestApp, args: readonly string[], env: object = {}): Promise<Ran> {
  return runWith(commandEnvironment(app, env), args)
}

/** The same with an environment of the test's own. */
export async function runWith(env: object, args: readonly string[]): Promise<Ran> {
  const ran = await askHost({ args, env: { NODE_ENV: 'production', ...INHERITED, ...env } })
  keepLog(ran.err)
  return ran
}

/** The same as a process of its own: what only ending it can show. */
export function runProcess(app: TestApp, args: readonly string[], env: object = {}): Promise<Ran> {
  return startCommand(app, args, env).ran
}

/** The same, which can be sent a signal meanwhile. */
export function startCommand(
  app: TestApp,
  args: readonly string[],
  env: object = {},
): { child: ChildProcess; ran: Promise<Ran> } {
  const child = spawn(process.execPath, ['app/cli/main.ts', ...args], {
    cwd: ROOT,
    env: { NODE_ENV: 'production', ...INHERITED, ...commandEnvironment(app, env) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = new Promise<number | null>(done => child.once('close', done))
  const ran = Promise.all([text(child.stdout), text(child.stderr), ended]).then(([out, err, code]) => {
    keepLog(err)
    return { out, err, code }
  })
  return { child, ran }
}

/** Log lines only: what a command says to its operator may name whom they have named. */
function keepLog(err: string): void {
  for (const line of err.split('\n')) if (line.startsWith('{')) logLines().write(`${line}\n`)
}

const commandEnvironment = (app: TestApp, env: object) => ({
  ...environment(app.test.url, app.vendors),
  ...env,
})

let host: ChildProcess | null = null
let asked = 0
/** One at a time: what is printed is told apart by when it is printed. */
let last: Promise<unknown> = Promise.resolve()

function askHost(command: Asked): Promise<Ran> {
  const mine = last.then(() => answered(command))
  last = mine.catch(() => {})
  return mine
}

function answered(command: Asked): Promise<Ran> {
  host ??= startHost()
  const to = host
  const id = ++asked
  return new Promise((done, failed) => {
    const died = (code: number | null) => {
      host = null
      failed(new Error(`the process of the commands ended with ${code}`))
    }
    to.once('exit', died)
    to.on('message', function hear(message: { id: number; ran: Ran }) {
      if (message.id !== id) return
      to.off('message', hear)
      to.off('exit', died)
      done(message.ran)
    })
    to.send({ ...command, id })
  })
}

/** Ends with this process, whose end closes the channel. */
function startHost(): ChildProcess {
  const child = fork(resolve(import.meta.dirname, 'command-host.ts'), {
    cwd: ROOT,
    env: { NODE_ENV: 'production', ...INHERITED },
    execArgv: [],
  })
  child.unref()
  child.channel?.unref()
  return child
}

/** `NAME=VALUE` pairs of settings. */
export function setting(settings: object): string[] {
  return Object.entries(settings).flatMap(([name, value]) => ['--set', `${name}=${value}`])
}
