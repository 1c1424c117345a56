import { mkdir } from 'node:fs/promises'
import { noFilters, openSchemaEngine } from './engine.ts'
import { migrate } from './migrate.ts'

/**
 * The SQL that leads from what the migrations build to what a Prisma schema says; empty when they agree. What
 * Prisma has no words for (partial indexes, check constraints) counts on neither side.
 * @param url connection string of an empty database, which is migrated
 * @param directory the migrations; made when missing
 * @param schema text of schema.prisma
 */
export async function schemaDifference(url: string, directory: string, schema: string): Promise<string> {
  await mkdir(directory, { recursive: true })
  await migrate(url, { directory })
  const files = [{ path: 'schema.prisma', content: schema }]
  const engine = await openSchemaEngine(url)
  try {
    const { stdout } = await engine.diff({
      from: { tag: 'schemaDatasource', files, configDir: directory },
      to: { tag: 'schemaDatamodel', files },
      script: true,
      exitCode: null,
      filters: noFilters,
    })
    const sql = (stdout ?? '').trim()
    return sql === '' || /^-- This is an empty migration/.test(sql) ? '' : `${sql}\n`
  } finally {
    await engine.close()
  }
}
