/** The whole app with a network between it and its database. */
import { type TestDatabase, testDatabase } from '../../app/db/testing.ts'
import { type AppOptions, startApp, type TestApp } from '../support/app.ts'
import { type Network, networkTo } from '../support/network.ts'
import { type Orders, orders } from '../support/orders.ts'

export type Behind = {
  /** The database itself, not by way of the network. */
  base: TestDatabase
  network: Network
  app: TestApp
  order: Orders
  /** How many deliveries wait. */
  open(): Promise<number>
  close(): Promise<void>
}

export async function startBehind(options: AppOptions = {}): Promise<Behind> {
  const base = await testDatabase()
  const network = await networkTo(base.url)
  const app = await startApp({ ...options, databaseUrl: network.url })
  return {
    base,
    network,
    app,
    order: orders(() => app),
    async open() {
      const waiting = await base.database.pool.query(
        `select from deliveries where state in ('pending', 'retry')`,
      )
      return waiting.rowCount ?? 0
    },
    async close() {
      await app.close()
      await network.close()
      await base.drop()
    },
  }
}
