/**
 * A network in front of PostgreSQL that can swallow connections without a word: bytes vanish both ways, and neither end
 * is told (no FIN, no RST), as when a NAT forgot the connection. Needs a connection string without TLS. The messages are those of
 * https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export type Network = {
  /** The connection string, by way of this network. */
  url: string
  /**
   * Swallows the connections there are, for good; new ones pass.
   * @param name only those that told PostgreSQL this name (`application_name`)
   */
  forget(name?: string): void
  /** Swallows the connections there are, for good, and new ones until `mend`. */
  cut(): void
  mend(): void
  /**
   * Swallows the next connection on which a client says `text`.
   * @param lost the question: PostgreSQL does not hear it; the answer: it does
   * @returns once that has happened
   */
  swallowAt(text: string, lost: 'question' | 'answer'): Promise<void>
  /** How many connections were made under this name. */
  made(name: string): number
  /** Ends every connection. Further calls do nothing. */
  close(): Promise<void>
}

type Connection = { near: Socket; far: Socket; name: string | null; isOpen: boolean; swallowed: boolean }
/** PostgreSQL's first message of this kind ends the making of a connection. */
const READY_FOR_QUERY = Buffer.from('Z\0\0\0\x05', 'latin1')

type Trap = { text: string; lost: 'question' | 'answer'; sprung(): void }

/** @param databaseUrl connection string of the PostgreSQL behind it */
export async function networkTo(databaseUrl: string): Promise<Network> {
  const target = new URL(databaseUrl)
  const connections = new Set<Connection>()
  let isCut = false
  let traps: Trap[] = []

  const server = createServer({ allowHalfOpen: true }, near => {
    const far = connect({ host: target.hostname, port: Number(target.port), allowHalfOpen: true })
    const connection: Connection = { near, far, name: null, isOpen: false, swallowed: false }
    connections.add(connection)
    if (isCut) swallow(connection)
    near.setNoDelay(true)
    far.setNoDelay(true)
    near.on('data', piece => carry(connection, piece))
    far.on('data', piece => {
      connection.isOpen ||= piece.includes(READY_FOR_QUERY)
      if (!connection.swallowed) near.write(piece)
    })
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on('end', () => void (connection.swallowed || other.end()))
      one.on('error', () => void (connection.swallowed || other.resetAndDestroy()))
    }
  })

  /** From the client. A statement comes in one piece, as pg writes it. */
  function carry(connection: Connection, piece: Buffer): void {
    connection.name ??= nameIn(piece)
    if (connection.swallowed) return
    const trap = traps.find(({ text }) => piece.includes(text))
    if (trap?.lost !== 'question') connection.far.write(piece)
    if (!trap) return
    swallow(connection)
    traps = traps.filter(other => other !== trap)
    trap.sprung()
  }

  function forget(name?: string): void {
    for (const connection of connections)
      if (name === undefined || connection.name === name) swallow(connection)
  }

  /** PostgreSQL deletes no database while a connection is about to be made: that is broken off where nobody sees it. */
  function swallow(connection: Connection): void {
    connection.swallowed = true
    if (!connection.isOpen) connection.far.destroy()
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = new URL(databaseUrl)
  url.hostname = '127.0.0.1'
  url.port = String((server.address() as AddressInfo).port)
  return {
    url: url.href,
    forget,
    cut() {
      isCut = true
      forget()
    },
    mend() {
      isCut = false
    },
    swallowAt: (text, lost) => new Promise(sprung => traps.push({ text, lost, sprung })),
    made: name => [...connections].filter(connection => connection.name === name).length,
    async close() {
      if (!server.listening) return
      const closed = once(server, 'close')
      server.close()
      for (const { near, far } of connections) {
        near.destroy()
        far.destroy()
      }
      await closed
    },
  }
}

/** The application's name in a client's first message, StartupMessage. */
function nameIn(piece: Buffer): string {
  const words = piece.toString('latin1').split('\0')
  return words[words.indexOf('application_name') + 1] ?? ''
}
