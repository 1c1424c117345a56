/** A mail server for tests and the demo: the conversation of RFC 5321 as far as a sender needs it, and what it was sent. */

import type { AddressInfo } from 'node:net'
import { createServer, type Socket } from 'node:net'

/** `data` is what was sent after DATA: headers and body as they came. */
export type Mail = { from: string; to: string[]; data: string }

export type MailServer = {
  /** "smtp://127.0.0.1:4025" */
  url: string
  /** Oldest first, the last thousand. */
  mails: Mail[]
  /** `refuse` answers every sender with 451; `silence` takes connections and never says a word. */
  behave(how: 'well' | 'refuse' | 'silence'): void
  close(): Promise<void>
}

const MOST_KEPT = 1_000

export async function startMailServer(): Promise<MailServer> {
  const mails: Mail[] = []
  const sockets = new Set<Socket>()
  let manner: Parameters<MailServer['behave']>[0] = 'well'
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => {})
    if (manner === 'silence') return
    converse(socket, mails, () => manner === 'refuse')
  })
  await new Promise<void>(done => {
    server.listen(0, '127.0.0.1', done)
  })
  return {
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    mails,
    behave(how) {
      manner = how
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise(done => {
        server.close(done)
      })
    },
  }
}

function converse(socket: Socket, mails: Mail[], refuses: () => boolean): void {
  let mail: Mail = { from: '', to: [], data: '' }
  let inData = false
  let rest = ''
  const say = (line: string) => socket.write(`${line}\r\n`)
  const command = (line: string) => {
    const [verb = ''] = line.toUpperCase().split(/[ :]/)
    const address = /<(.*)>/.exec(line)?.[1] ?? ''
    if (verb === 'EHLO' || verb === 'HELO') return say('250 mail.example.com')
    if (verb === 'MAIL') {
      if (refuses()) return say('451 try again later')
      mail = { from: address, to: [], data: '' }
      return say('250 ok')
    }
    if (verb === 'RCPT') {
      mail.to.push(address)
      return say('250 ok')
    }
    if (verb === 'DATA') {
      inData = true
      return say('354 go on')
    }
    say(verb === 'QUIT' ? '221 bye' : '250 ok')
    if (verb === 'QUIT') socket.end()
  }
  const data = (line: string) => {
    if (line !== '.') {
      mail.data += `${line.replace(/^\./, '')}\r\n`
      return
    }
    inData = false
    mails.push(mail)
    if (mails.length > MOST_KEPT) mails.shift()
    say('250 kept')
  }
  say('220 mail.example.com')
  socket.setEncoding('utf8').on('data', chunk => {
    const lines = `${rest}${chunk}`.split('\r\n')
    rest = lines.pop() ?? ''
    for (const line of lines) inData ? data(line) : command(line)
  })
}
