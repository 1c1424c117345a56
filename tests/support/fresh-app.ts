/** The usual set-up of a test file. Call at its top level; what is returned can be used inside tests only. */
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { type AppOptions, startApp, type TestApp } from './app.ts'
import { type Orders, orders } from './orders.ts'

/** An app that runs for the whole file, and its orders. */
export function runningApp(options: AppOptions = {}): { app: TestApp; order: Orders } {
  const app = {} as TestApp
  beforeAll(async () => {
    Object.assign(app, await startApp(options))
  })
  // Not there if it did not start: that is what the run must tell.
  afterAll(() => app.close?.())
  return { app, order: orders(() => app) }
}

/** The same, emptied before each test, which begins with an order that there has not been. */
export function freshApp(options: AppOptions = {}): { app: TestApp; order: Orders } {
  const { app, order } = runningApp(options)
  beforeEach(async () => {
    await app.reset()
    order.next()
  })
  return { app, order }
}
