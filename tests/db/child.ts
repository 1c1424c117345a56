import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import path from 'node:path'
import { createInterface } from 'node:readline'

/** A process of a fixture, and what its first line said. */
export type Child = { process: ChildProcess; exited: Promise<void> }

const fixtures = path.join(import.meta.dirname, 'fixtures')

/** Runs a fixture by name. It is killed when the test process ends. */
export function runFixture(name: string, args: readonly string[], options: SpawnOptions = {}): Child {
  const child = spawn(process.execPath, [path.join(fixtures, `${name}.ts`), ...args], {
    ...options,
    stdio: ['ignore', 'pipe', options.stdio === 'inherit' ? 'inherit' : 'ignore'],
  })
  const exited = new Promise<void>((resolve, reject) => {
    child.once('exit', () => resolve())
    child.once('error', reject)
  })
  return { process: child, exited }
}

/** The first line that a fixture prints, read as JSON. */
export async function firstLine(child: Child): Promise<Record<string, unknown>> {
  const { stdout } = child.process
  if (!stdout) throw new Error('the fixture has no output')
  for await (const line of createInterface({ input: stdout })) return JSON.parse(line)
  throw new Error('the fixture ended without a line')
}
