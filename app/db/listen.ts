/** LISTEN on a channel of PostgreSQL, on a connection of its own that is made again whenever it breaks. */
import pg from 'pg'
import { atMost } from '../patience.ts'

/**
 * A network that swallows the connection without a word is noticed by a question that nobody answers: `askMs` apart, and waited
 * for `answerMs`. After `reconnectMs` the next connection is tried. Callers poll meanwhile.
 */
export type ListenPace = { askMs: number; answerMs: number; reconnectMs: number }
export const LISTEN_PACE: ListenPace = { askMs: 10_000, answerMs: 5_000, reconnectMs: 1_000 }

/** How long closing waits until the server has said goodbye. */
const GOODBYE_MS = 500

/** `close` resolves after half a second at the latest. */
export type Listener = { close(): Promise<void> }

/**
 * Calls `heard` for every notification, and once after each connect: what was said before it was not heard.
 * @param channel a plain name
 */
export function listen(
  url: string,
  channel: string,
  heard: () => void,
  { askMs, answerMs, reconnectMs }: ListenPace = LISTEN_PACE,
): Listener {
  let closed = false
  let client: pg.Client | null = null
  let timer: NodeJS.Timeout | undefined

  async function connect(): Promise<void> {
    const mine = new pg.Client({
      connectionString: url,
      application_name: 'sluice-listen',
      keepAlive: true,
      connectionTimeoutMillis: 3_000,
      query_timeout: answerMs,
    })
    client = mine
    let broken = false
    const asking = setInterval(() => mine.query('select 1').catch(reconnect), askMs).unref()
    function reconnect(): void {
      clearInterval(asking)
      if (broken || closed) return
      broken = true
      mine.end().catch(() => {})
      timer = setTimeout(connect, reconnectMs).unref()
    }
    mine.on('error', reconnect)
    mine.on('end', reconnect)
    mine.on('notification', heard)
    try {
      await mine.connect()
      await mine.query(`listen ${channel}`)
      heard()
    } catch {
      reconnect()
    }
  }

  const connected = connect()
  return {
    async close() {
      closed = true
      clearTimeout(timer)
      await atMost(
        GOODBYE_MS,
        connected.then(() => client?.end()),
      )
    },
  }
}
