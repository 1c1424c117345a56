/** LISTEN on a channel of PostgreSQL, on a connection of its own that is made again whenever it breaks. */
import pg from 'pg'

/** A network that swallows the connection without a word is noticed by a question that nobody answers. */
const ASK_MS = 10_000
const ANSWER_MS = 5_000
/** How long after a broken connection the next one is tried. Callers poll meanwhile. */
const RECONNECT_MS = 1_000

export type Listener = { close(): Promise<void> }

/**
 * Calls `heard` for every notification, and once after each connect: what was said before it was not heard.
 * @param channel a plain name
 */
export function listen(url: string, channel: string, heard: () => void): Listener {
  let closed = false
  let client: pg.Client | null = null
  let timer: NodeJS.Timeout | undefined

  async function connect(): Promise<void> {
    const mine = new pg.Client({
      connectionString: url,
      application_name: 'sluice-listen',
      keepAlive: true,
      connectionTimeoutMillis: 3_000,
      query_timeout: ANSWER_MS,
    })
    client = mine
    let broken = false
    const asking = setInterval(() => mine.query('select 1').catch(reconnect), ASK_MS).unref()
    function reconnect(): void {
      clearInterval(asking)
      if (broken || closed) return
      broken = true
      mine.end().catch(() => {})
      timer = setTimeout(connect, RECONNECT_MS).unref()
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
      await connected
      await client?.end().catch(() => {})
    },
  }
}
