/** Starting a server and knowing where it is. */
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Listens on the port (0: any free one) and returns "http://host:port". Rejects when the port is taken. */
export function listen(server: Server, port: number, host: string): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      const { port: actual } = server.address() as AddressInfo
      resolve(`http://${host}:${actual}`)
    })
  })
}
