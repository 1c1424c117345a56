/** HTTP in front of the services: static files and Remix, through Express. */
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import { createRequestHandler } from '@remix-run/express'
import type { ServerBuild } from '@remix-run/node'
import compression from 'compression'
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express'
import type { Config } from '../config.ts'
import type { Log } from '../log.ts'
import { refuseForeignForms } from './foreign-forms.ts'
import { ingest } from './ingest.ts'
import { pacedBy } from './paced.ts'
import { type Parts, type Services, startServices } from './services.ts'
import { guardConsole, nonceOf } from './support-headers.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const BUILD = resolve(ROOT, 'build')

const CLOSE_TIMEOUT_MS = 5_000

export type RunningServer = { port: number; services: Services; close(): Promise<void> }

/** Where pages come from: the production build, or Vite while developing. */
export type Pages = { build: ServerBuild | (() => Promise<ServerBuild>); assets: RequestHandler[] }
export type ServerOptions = Parts & { pages?: Pages }

/**
 * Starts everything a process of this role runs and listens on `config.port` (0: any free port). A worker
 * listens too, for its health routes.
 * @throws when the build is missing, the port is taken or the database cannot be reached
 */
export async function startServer(
  config: Config,
  log: Log,
  options: ServerOptions = {},
): Promise<RunningServer> {
  const pages = options.pages ?? { build: await loadBuild(), assets: builtAssets() }
  const services = await startServices(config, log, options)
  try {
    const app = webApp(pages, services, log, config.shopify.appUrl)
    const server = await listen((request, response) => {
      if (!ingest(services.ingest, request, response)) app(request, response)
    }, config.port)
    const { port } = server.address() as AddressInfo
    const close = () => services.close(closeServer(server))
    return { port, services, close }
  } catch (error) {
    await services.close()
    throw error
  }
}

function webApp({ build, assets }: Pages, services: Services, log: Log, appUrl: string): Express {
  const app = express()
  app.disable('x-powered-by')
  // No page has a secret beside what its address says, which compressing the two together could give away: cookies are
  // strict, and forms are known by their origin.
  app.use(
    compression({
      filter: (request, response) => isLines(response) || compression.filter(request, response),
    }),
  )
  for (const handler of assets) app.use(handler)
  app.use(guardConsole(appUrl))
  app.use(refuseForeignForms)
  app.all(
    '*',
    createRequestHandler({
      build,
      getLoadContext: (_, response) => ({
        services,
        nonce: nonceOf(response),
        paced: body => pacedBy(response, body),
      }),
    }),
  )
  app.use(answerError(log))
  return app
}

/** Of these lists nothing says that they are text. */
const isLines = (response: ServerResponse) =>
  String(response.getHeader('content-type')).startsWith('application/x-ndjson')

/** A request that cannot be read, such as one with a malformed Host, is the caller's fault; no answer tells of our insides. */
function answerError(log: Log): ErrorRequestHandler {
  return (error, _request, response, next) => {
    if (response.headersSent) return next(error)
    log.warn({ err: error }, 'request not understood')
    response.status(400).json({ error: 'the request cannot be read' })
  }
}

/** Hashed files never change; the others are asked for anew each hour. */
function builtAssets(): RequestHandler[] {
  const hashed = express
    .Router()
    .use('/assets', express.static(resolve(BUILD, 'client/assets'), { immutable: true, maxAge: '1y' }))
  return [hashed, express.static(resolve(BUILD, 'client'), { maxAge: '1h' })]
}

async function loadBuild(): Promise<ServerBuild> {
  // React asks for it as it is loaded, and without it checks at every page what only its developers read.
  process.env.NODE_ENV ??= 'production'
  try {
    return await import(resolve(BUILD, 'server/index.js'))
  } catch (error) {
    if ((error as { code?: string }).code !== 'ERR_MODULE_NOT_FOUND') throw error
    throw new Error('there is no build yet; run npm run build first')
  }
}

function listen(handler: RequestListener, port: number): Promise<Server> {
  return new Promise((done, failed) => {
    const server = createServer(handler)
    server.once('error', (error: NodeJS.ErrnoException) => {
      failed(
        error.code === 'EADDRINUSE' ? new Error(`port ${port} is in use; set PORT to another one`) : error,
      )
    })
    server.listen(port, () => done(server))
  })
}

/** Lets requests in progress finish, but not for ever: a client that holds its connection open is cut off. */
function closeServer(server: Server): Promise<void> {
  return new Promise(done => {
    const cutOff = setTimeout(() => server.closeAllConnections(), CLOSE_TIMEOUT_MS)
    server.close(() => {
      clearTimeout(cutOff)
      done()
    })
    server.closeIdleConnections()
  })
}
