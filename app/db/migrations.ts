import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import type { MigrationList } from '@prisma/schema-engine-wasm/schema_engine_bg'

/** One folder of prisma/migrations, in Prisma's standard form. */
export type Migration = {
  /** The folder: "20261120225500_init" */
  name: string
  sql: string
  /** SHA-256 of migration.sql in hex, as Prisma keeps it in `_prisma_migrations` */
  checksum: string
}

/** The project's migrations. */
export const migrationsDirectory = path.join(import.meta.dirname, '../../prisma/migrations')

/** All migrations of a directory, in the order in which they are applied. */
export async function readMigrations(directory: string): Promise<readonly Migration[]> {
  const entries = await readdir(directory, { withFileTypes: true })
  const names = entries.filter(entry => entry.isDirectory()).map(entry => entry.name)
  return Promise.all(
    names.sort().map(async name => {
      const sql = await readFile(path.join(directory, name, 'migration.sql'), 'utf8')
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') }
    }),
  )
}

/** The same migrations in the form that Prisma's schema engine takes. */
export function toMigrationList(directory: string, migrations: readonly Migration[]): MigrationList {
  return {
    baseDir: directory,
    lockfile: { path: 'migration_lock.toml', content: 'provider = "postgresql"\n' },
    shadowDbInitScript: '',
    migrationDirectories: migrations.map(({ name, sql }) => ({
      path: name,
      migrationFile: { path: 'migration.sql', content: { tag: 'ok', value: sql } },
    })),
  }
}
