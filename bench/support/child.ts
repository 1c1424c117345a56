/** Starting and ending the processes of a benchmark: servers, the load generator, stand-in vendors. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Answer, type Handlers, READY, STOP, type Usage } from './rpc.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const CHILDREN = resolve(import.meta.dirname, '../children')
const END_PATIENCE_MS = 20_000

/** A running child. `H` is the type of the handlers that its file serves. */
export type Child<H extends Handlers> = {
  pid: number
  call<K extends keyof H & string>(name: K, ...input: Parameters<H[K]>): Promise<Awaited<ReturnType<H[K]>>>
  /** Memory in bytes and processor time since the start. @param collect collects garbage first */
  usage(collect?: boolean): Promise<Usage>
  /** Asks it to close, and waits until it is gone. Further calls do nothing. */
  end(): Promise<void>
}

export type ChildOptions = {
  /** What it prints goes to `<name>.log` in this folder. */
  logs: string
  name: string
  env?: Readonly<Record<string, string>>
  /** Node's own flags. */
  flags?: readonly string[]
}

/**
 * Starts `bench/children/<file>` and waits until it serves.
 * @throws with what it printed when it ends before
 */
export async function startChild<H extends Handlers>(file: string, options: ChildOptions): Promise<Child<H>> {
  const logFile = join(options.logs, `${options.name}.log`)
  const log = openSync(logFile, 'a')
  const child = fork(join(CHILDREN, file), [], {
    cwd: ROOT,
    env: { NODE_ENV: 'production', PATH: process.env.PATH, ...options.env },
    execArgv: [...(options.flags ?? [])],
    stdio: ['ignore', log, log, 'ipc'],
    serialization: 'advanced',
  })
  closeSync(log)
  const failed = () =>
    new Error(`${options.name} ended unexpectedly:\n${readFileSync(logFile, 'utf8').slice(-4000)}`)
  await new Promise<void>((done, fail) => {
    child.once('exit', () => fail(failed()))
    child.once('message', message => message === READY && done())
  })
  const waiting = new Map<number, { done(result: unknown): void; fail(error: Error): void }>()
  child.on('message', ({ id, result, error }: Answer) => {
    const call = waiting.get(id)
    waiting.delete(id)
    if (error === undefined) call?.done(result)
    else call?.fail(new Error(`${options.name}: ${error}`))
  })
  child.once('exit', () => {
    for (const call of waiting.values()) call.fail(failed())
  })
  let last = 0
  const call = (name: string, input?: unknown) =>
    new Promise((done, fail) => {
      const id = ++last
      waiting.set(id, { done, fail })
      child.send({ id, name, input }, error => error && fail(error))
    })
  let ending: Promise<void> | undefined
  const end = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.send(STOP, () => {})
    const late = setTimeout(() => child.kill('SIGKILL'), END_PATIENCE_MS)
    await gone
    clearTimeout(late)
  }
  return {
    pid: child.pid ?? 0,
    call: call as Child<H>['call'],
    usage: (collect = false) => call('usage', { collect }) as Promise<Usage>,
    end() {
      ending ??= end()
      return ending
    },
  }
}
