/** A web process that sends nothing, and two workers on its database. */
import { afterAll, beforeAll } from 'vitest'
import { environment, startApp, type TestApp } from './app.ts'
import { type ServerProcess, startProcess } from './process.ts'

/** Declares the set-up of a test file: call at its top level, and use what it returns inside tests only. */
export function twoWorkers(): { app: TestApp; workers: ServerProcess[] } {
  let app: TestApp
  let workers: ServerProcess[] = []

  beforeAll(async () => {
    app = await startApp({ env: { SLUICE_ROLE: 'web' } })
    const env = { ...environment(app.test.url, app.vendors), SLUICE_ROLE: 'worker' }
    workers = await Promise.all([startProcess(env), startProcess(env)])
  }, 120_000)
  afterAll(async () => {
    await Promise.all(workers.map(worker => worker.end('SIGTERM')))
    await app?.close()
  })

  return {
    get app() {
      return app
    },
    get workers() {
      return workers
    },
  }
}
