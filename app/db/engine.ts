import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { PrismaPg } from '@prisma/adapter-pg'
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } from '@prisma/driver-adapter-utils'
import * as glue from '@prisma/schema-engine-wasm/schema_engine_bg'
import pg from 'pg'

/** Prisma's own schema engine, open on one database. Call `close` when done. */
export type SchemaEngine = Pick<glue.SchemaEngine, 'applyMigrations' | 'diff'> & {
  close(): Promise<void>
}

/** No table or enum is managed outside the migrations. */
export const noFilters = { externalTables: [], externalEnums: [] }

/** Type ids of PostgreSQL's catalogue (https://www.postgresql.org/docs/current/catalog-pg-type.html). */
const CHAR = 18
const CHAR_ARRAY = 1002

let loading: Promise<void> | undefined

/**
 * Opens Prisma's schema engine as WebAssembly (about 0.15 s the first time), so that migrating needs no
 * engine binary and no download.
 * @param url connection string of the database the engine works on
 */
export async function openSchemaEngine(url: string): Promise<SchemaEngine> {
  loading ??= load()
  await loading
  const pool = new pg.Pool({ connectionString: url, max: 1 })
  pool.on('error', () => {})
  passCharacters(pool)
  const factory = bindMigrationAwareSqlAdapterFactory(completed(new PrismaPg(pool)))
  const engine = await glue.SchemaEngine.new({ datamodels: undefined }, () => {}, factory)
  return {
    applyMigrations: input => engine.applyMigrations(input),
    diff: input => engine.diff(input),
    async close() {
      engine.free()
      await pool.end()
    },
  }
}

async function load(): Promise<void> {
  const folder = path.dirname(
    createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg'),
  )
  const bytes = await readFile(path.join(folder, 'schema_engine_bg.wasm'))
  const { instance } = await WebAssembly.instantiate(bytes, { './schema_engine_bg.js': imports() })
  glue.__wbg_set_wasm(instance.exports)
  const { __wbindgen_start: start } = instance.exports
  if (typeof start !== 'function') throw new Error('@prisma/schema-engine-wasm has no start function')
  start()
}

/**
 * What the engine calls outside. It guards each lock by a timer of 10 s that it never clears, which would keep a
 * finished command alive for that long: its timers do not hold the process.
 */
function imports(): WebAssembly.ModuleImports {
  const timers = Object.keys(glue).filter(name => name.startsWith('__wbg_setTimeout_'))
  const unheld = (callback: () => void, milliseconds: number) => setTimeout(callback, milliseconds).unref()
  return { ...glue, ...Object.fromEntries(timers.map(name => [name, unheld])) }
}

/**
 * What the adapter lacks for the engine. It cuts a script at every semicolon, also in comments and strings, and
 * commits piece by piece: sent whole, PostgreSQL parses it and runs it in one transaction, so that a migration
 * that fails leaves nothing. And it gives up on columns of the catalogue's type "char".
 */
function completed(factory: PrismaPg): PrismaPg {
  const connect = factory.connect.bind(factory)
  factory.connect = async () => {
    const adapter = await connect()
    const queryRaw = adapter.queryRaw.bind(adapter)
    adapter.executeScript = async script => {
      await adapter.executeRaw({ sql: script, args: [], argTypes: [] })
    }
    adapter.queryRaw = async query => {
      const result = await queryRaw(query)
      const { Character, CharacterArray } = ColumnTypeEnum
      const columnTypes = result.columnTypes.map(type => (type === CharacterArray ? Character : type))
      return { ...result, columnTypes }
    }
    return adapter
  }
  return factory
}

/**
 * Shows the adapter "char" as its array type, which it knows; `completed` turns that back for the engine, whose
 * queries on the catalogue ask for no such array.
 */
function passCharacters(pool: pg.Pool): void {
  const query = pool.query.bind(pool) as (
    config: pg.QueryConfig,
  ) => Promise<pg.QueryResult | pg.QueryResult[]>
  const passing = async (config: pg.QueryConfig) => {
    const result = await query(config)
    for (const field of [result].flat().flatMap(({ fields }) => fields)) {
      if (field.dataTypeID === CHAR) field.dataTypeID = CHAR_ARRAY
    }
    return result
  }
  pool.query = passing as typeof pool.query
}
