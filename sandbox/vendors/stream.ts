/** Word of every new entry to open pages, as server-sent events. */
import type { Response } from 'express'
import { VENDORS } from './contract.ts'
import type { StandIns } from './stand-in.ts'

/** A page that reads slower than this many bytes is let go; it reconnects and asks for what it missed. */
const BACKLOG_LIMIT = 4 * 1024 * 1024
const KEEP_ALIVE_MS = 15_000

/**
 * Keeps the response open and writes `received` events with `{vendor, entry, counts}` and `cleared` events
 * with `{vendor, counts}` until the other side goes away.
 */
export function openStream(res: Response, standIns: StandIns): void {
  res.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    connection: 'keep-alive',
  })
  res.write('retry: 1000\n\n')

  const write = (event: string, data: object) => {
    if (res.writableLength > BACKLOG_LIMIT) res.destroy()
    else res.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
  }
  const stops = VENDORS.flatMap(vendor => {
    const { inbox } = standIns[vendor]
    return [
      inbox.onReceived(entry => write('received', { vendor, entry, counts: inbox.counts() })),
      inbox.onCleared(() => write('cleared', { vendor, counts: inbox.counts() })),
    ]
  })
  const keepAlive = setInterval(() => res.write(': still here\n\n'), KEEP_ALIVE_MS)
  res.on('close', () => {
    clearInterval(keepAlive)
    for (const stop of stops) stop()
  })
}
