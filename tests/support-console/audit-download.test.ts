/** The audit's download over a real socket, by a browser that does not read on or has gone. */
import { type ClientRequest, get, type IncomingMessage } from 'node:http'
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished, vi } from 'vitest'
import { startApp, type TestApp } from '../support/app.ts'
import { type ConsolePeople, consoleOf } from '../support/console.ts'

const WITHIN = { timeout: 30_000 }
/** Read by a thousand. */
const PAGES = 100
let app: TestApp
let people: ConsolePeople

/** A file of 130 MB, or 100 when compressed: of small pieces the system keeps some 30 for a browser that reads nothing. */
beforeAll(async () => {
  app = await startApp({ env: { SHOPIFY_APP_URL: 'http://127.0.0.1' } })
  people = await consoleOf(app)
  await app.test.database.pool.query(
    `with texts as materialized (
       select m, translate(encode(string_agg(uuid_send(gen_random_uuid()), ''), 'base64'), E'\\n', '') as text
       from generate_series(0, 99) m, generate_series(1, 60) group by m)
     insert into audit_entries (actor, action, reason)
     select 'tests', 'hold', text from generate_series(1, ${PAGES * 1000}) n join texts on m = n % 100`,
  )
}, 60_000)
afterAll(() => app?.close())
beforeEach(() => app.test.database.pool.query('truncate support_throttle'))

/** @returns the answer, of which nothing was read, and how many pages of the audit were read for it by now */
async function download(encoding: string) {
  const cookie = await people.signedIn('admin')
  const asked = vi.spyOn(app.server.services.pool, 'query')
  const pages = () => asked.mock.calls.filter(([text]) => String(text).includes('from audit_entries')).length
  const request: ClientRequest = get(`${app.url}/support/audit/export`, {
    headers: { cookie, 'accept-encoding': encoding },
  })
  request.on('error', () => {})
  onTestFinished(() => {
    request.destroy()
    asked.mockRestore()
  })
  const answer = await new Promise<IncomingMessage>(resolve => request.once('response', resolve))
  answer.on('error', () => {})
  expect(answer.statusCode).toBe(200)
  expect(answer.headers['content-encoding'] ?? 'identity').toBe(encoding)
  return { answer, request, pages }
}

/** Once no more was read in ten looks at it. */
async function still(pages: () => number): Promise<number> {
  const seen: number[] = []
  await vi.waitFor(
    () => {
      seen.push(pages())
      expect(seen.at(-1)).toBeGreaterThan(0)
      expect(seen.at(-10)).toBe(seen.at(-1))
    },
    { ...WITHIN, interval: 100 },
  )
  return pages()
}

/** What node says of a stream that is listened to ever more. */
const warned: Error[] = []
const warn = (warning: Error) => void warned.push(warning)
process.on('warning', warn)
afterAll(() => process.off('warning', warn))

it.each(['identity', 'gzip'])(
  'a browser that did not read on had the whole audit read into memory: %s',
  async encoding => {
    const { answer, pages } = await download(encoding)
    expect(await still(pages)).toBeLessThan(PAGES / 2)
    // It is made on as soon as it is read on.
    for await (const _ of answer) if (pages() > PAGES / 2) break
    expect(pages()).toBeGreaterThan(PAGES / 2)
    expect(warned).toEqual([])
  },
  90_000,
)

it.each(['identity', 'gzip'])(
  'a browser that had gone had the audit read to its end: %s',
  async encoding => {
    const { request, pages } = await download(encoding)
    await vi.waitFor(() => expect(pages()).toBeGreaterThan(1), WITHIN)
    request.destroy()
    expect(await still(pages)).toBeLessThan(PAGES / 2)
  },
  90_000,
)
