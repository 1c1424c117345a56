/** The server: `npm start`. Reads the configuration, starts the services, serves HTTP, stops cleanly on a signal. */
import { ConfigError, readConfig } from './app/config.ts'
import { isUnavailable } from './app/db/database.ts'
import { createLog } from './app/log.ts'
import { startServer } from './app/runtime/server.ts'

try {
  const config = readConfig(process.env)
  const log = createLog(config.logLevel)
  const server = await startServer(config, log)
  const stop = async (signal: string) => {
    log.info({ signal }, 'stopping')
    await server.close()
    process.exit(0)
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  log.info({ port: server.port, role: config.role }, 'listening')
} catch (error) {
  console.error(sentence(error))
  process.exit(1)
}

function sentence(error: unknown): string {
  if (error instanceof ConfigError) return error.message
  const message = error instanceof Error ? error.message : String(error)
  if (!isUnavailable(error) || !process.env.DATABASE_URL) return `Sluice could not start: ${message}`
  return `The database of DATABASE_URL cannot be used (${message}); start it or correct the setting.`
}
