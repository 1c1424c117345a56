/**
 * `npm run dev`: the server with pages served by Vite, reloading as they change. Run by `shopify app dev`, which
 * sets the Shopify settings; a sealing key for development is made under DATA_DIR when none is given.
 */
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ServerBuild } from '@remix-run/node'
import { createServer } from 'vite'
import { ConfigError, readConfig } from '../app/config.ts'
import { createLog } from '../app/log.ts'
import { startServer } from '../app/runtime/server.ts'

try {
  const env: Record<string, string | undefined> = {
    ...process.env,
    SHOPIFY_APP_URL: process.env.SHOPIFY_APP_URL ?? process.env.HOST,
  }
  const config = readConfig({
    ...env,
    SLUICE_SECRETS_KEYS: env.SLUICE_SECRETS_KEYS ?? developmentKey(env.DATA_DIR ?? '.data'),
  })
  const log = createLog(config.logLevel)
  const vite = await createServer({ server: { middlewareMode: true } })
  const build = () => vite.ssrLoadModule('virtual:remix/server-build') as Promise<ServerBuild>
  const server = await startServer(config, log, { pages: { build, assets: [vite.middlewares] } })
  const stop = async () => {
    await vite.close()
    await server.close()
    process.exit(0)
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  log.info({ port: server.port }, 'listening')
} catch (error) {
  console.error(error instanceof ConfigError ? error.message : error)
  process.exit(1)
}

function developmentKey(folder: string): string {
  const file = join(folder, 'development-key')
  if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true })
    writeFileSync(file, `development:${randomBytes(32).toString('base64')}`, { mode: 0o600 })
  }
  return readFileSync(file, 'utf8')
}
