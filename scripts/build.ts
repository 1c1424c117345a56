/** Building the app when its sources are newer than the build: for the demo and for tests. */
import { spawnSync } from 'node:child_process'
import { globSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '..')
const SOURCES = ['app/**/*.{ts,tsx,css,json}', 'vite.config.ts', 'package-lock.json']

/** @throws with what the build said when it fails */
export function ensureBuild(): void {
  if (isFresh()) return
  const remix = join(ROOT, 'node_modules/@remix-run/dev/dist/cli.js')
  // Another NODE_ENV would build another, larger app.
  const env = { ...process.env, NODE_ENV: 'production' } as const
  const options = { cwd: ROOT, encoding: 'utf8', env } as const
  const { status, stderr } = spawnSync(
    process.execPath,
    [remix, 'vite:build', '--logLevel', 'error'],
    options,
  )
  if (status !== 0) throw new Error(`The app could not be built.\n${stderr}`)
}

function isFresh(): boolean {
  const built = statSync(join(ROOT, 'build/server/index.js'), { throwIfNoEntry: false })?.mtimeMs ?? 0
  return globSync(SOURCES, { cwd: ROOT }).every(file => statSync(join(ROOT, file)).mtimeMs <= built)
}
