/**
 * A way to a vendor of one process's own: bytes pass as they are, and the port in the Host header tells the vendor's
 * inbox who sent a request.
 */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export type Forward = { url: string; host: string; close(): void }

export async function forwardTo(target: string): Promise<Forward> {
  const { hostname, port } = new URL(target)
  const open = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, near => {
    const far = connect({ host: hostname, port: Number(port), allowHalfOpen: true })
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one)
      one.pipe(other)
      // A connection that is cut at one end is cut at the other.
      one.on('error', () => other.resetAndDestroy())
      one.on('close', () => {
        open.delete(one)
        other.destroy()
      })
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url: `http://${host}`,
    host,
    close() {
      server.close()
      for (const socket of open) socket.destroy()
    },
  }
}
