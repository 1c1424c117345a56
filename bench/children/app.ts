/** Sluice itself, web or worker by its environment, as `server.ts` starts it; on request with the vendors' limits lifted. */
import { readConfig } from '../../app/config.ts'
import { createLog } from '../../app/log.ts'
import { startServer } from '../../app/runtime/server.ts'
import { VENDORS } from '../../app/vendors/registry.ts'
import { serve } from '../support/rpc.ts'

const { BENCH_LIFTED, ...env } = process.env

const lifted = VENDORS.map(vendor => ({
  ...vendor,
  limits: (settings: unknown) => ({ ...vendor.limits(settings), limits: [] }),
}))

const config = readConfig(env)
const server = await startServer(config, createLog(config.logLevel), BENCH_LIFTED ? { vendors: lifted } : {})

const handlers = { url: () => `http://127.0.0.1:${server.port}` }
export type App = typeof handlers

serve(handlers, () => server.close())
