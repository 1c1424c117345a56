/** Running the command line as an operator does, beside a running app. */
import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { environment, type TestApp } from './app.ts'
import { logLines } from './logs.ts'
import { INHERITED } from './process.ts'

const ROOT = resolve(import.meta.dirname, '../..')

/** What a command printed, and its exit code. */
export type Ran = { out: string; err: string; code: number | null }

/** @param env in place of the usual environment, name by name */
export async function runCommand(app: TestApp, args: readonly string[], env: object = {}): Promise<Ran> {
  const child = spawn(process.execPath, ['app/cli/main.ts', ...args], {
    cwd: ROOT,
    env: { NODE_ENV: 'test', ...INHERITED, ...environment(app.test.url, app.vendors), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = new Promise<number | null>(done => child.once('close', done))
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended])
  // Log lines only: what a command prints is for its operator.
  logLines().write(err)
  return { out, err, code }
}

/** `NAME=VALUE` pairs of settings. */
export function setting(settings: object): string[] {
  return Object.entries(settings).flatMap(([name, value]) => ['--set', `${name}=${value}`])
}
