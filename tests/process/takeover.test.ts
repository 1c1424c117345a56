/** A lane goes on elsewhere when the worker that drains it is killed, or has to stop while a vendor does not answer. */
import { expect, it } from 'vitest'
import type { ServerProcess } from '../support/process.ts'
import { carries, killableServers } from '../support/servers.ts'

/** The promise is 30 s after a crash. */
const TAKE_OVER_MS = 30_000
/** The promise is 10 s; what is beyond is closing connections on a busy machine. */
const STOP_MS = 13_000

const servers = killableServers()
const { start, sendOrder, arrived } = servers

/** A worker that waits for Ecomail's answer to the order, and another that runs beside it. */
async function stuckWith(id: number): Promise<{ stuck: ServerProcess }> {
  const [web, stuck] = await Promise.all([start({ SLUICE_ROLE: 'web' }), start({ SLUICE_ROLE: 'worker' })])
  const { vendors } = servers
  vendors.fail('ecomail', { hang: true, times: 1 })
  expect((await sendOrder(web, id)).status).toBe(200)
  await vendors.waitFor('ecomail', carries(id), { timeoutMs: 15_000 })
  await start({ SLUICE_ROLE: 'worker' })
  expect(vendors.inbox('ecomail').filter(carries(id))).toHaveLength(1)
  return { stuck }
}

it('a killed worker’s lane is taken over by another within 30 s', async () => {
  const { stuck } = await stuckWith(8001)
  await stuck.end('SIGKILL')
  await arrived(8001, TAKE_OVER_MS)
}, 90_000)

it('a worker that is asked to stop while a vendor hangs ends within ten seconds, and gives the delivery back', async () => {
  const { stuck } = await stuckWith(8002)
  const asked = Date.now()
  expect(await stuck.end('SIGTERM')).toBe(0)
  expect(Date.now() - asked).toBeLessThan(STOP_MS)
  await arrived(8002, TAKE_OVER_MS)
}, 90_000)
