/** The inboxes over HTTP: reading, counting, clearing, following, and control. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { INBOX_SIZE, Inbox } from './inbox.ts'
import { type Sandbox, startVendors } from './server.ts'
import { call, KEYS } from './testing.ts'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await startVendors({ limits: false })
})
beforeEach(() => sandbox.reset())
afterAll(() => sandbox.close())

const hub = (method: string, path: string, body?: unknown) =>
  call(method, sandbox.urls.inbox + path, {}, body)
const lists = (headers: Record<string, string> = KEYS.ecomail) =>
  call('GET', `${sandbox.urls.ecomail}/lists?page=1`, headers)

describe('reading', () => {
  it('shows an entry with its credentials masked', async () => {
    await lists({ ...KEYS.ecomail, ...KEYS.server, authorization: 'Bearer tm_live_0123456789' })
    const { body } = await hub('GET', '/inbox/ecomail')
    expect(body).toMatchObject({
      vendor: 'ecomail',
      counts: { received: 1, accepted: 1, refused: 0, absent: 0, taken: 0, warned: 0, kept: 1 },
      entries: [
        {
          seq: expect.any(Number),
          at: expect.stringMatching(/Z$/),
          method: 'GET',
          path: '/lists?page=1',
          headers: { key: '****3f9a', authorization: 'Bearer ****6789', 'x-app-token': '****c0de' },
          body: null,
          status: 200,
          accepted: true,
          warnings: [],
        },
      ],
    })
    expect(JSON.stringify(body)).not.toContain(KEYS.ecomail.key)
  })

  it('keeps a body that was no JSON as it came', async () => {
    await call('POST', `${sandbox.urls.ecomail}/tracker/events`, KEYS.ecomail, '{"half')
    expect(sandbox.inbox('ecomail')).toMatchObject([{ body: '{"half', status: 400, accepted: false }])
  })

  it('goes on after a number, and can be cut to the newest', async () => {
    for (let sent = 0; sent < 3; sent += 1) await lists()
    const seqs = async (query: string) => {
      const { body } = await hub('GET', `/inbox/ecomail?${query}`)
      return (body as { entries: { seq: number }[] }).entries.map(({ seq }) => seq)
    }
    const [first = 0, second = 0, third = 0] = await seqs('')
    expect(await seqs(`since=${first}`)).toEqual([second, third])
    expect(await seqs('limit=1')).toEqual([third])
    expect((await hub('GET', '/inbox/ecomail?since=x')).status).toBe(400)
  })

  it('counts all vendors at once', async () => {
    await lists()
    await lists({})
    const { body } = await hub('GET', '/inbox')
    expect(body).toMatchObject({
      ecomail: { url: sandbox.urls.ecomail, received: 2, accepted: 1, refused: 1, faults: 0 },
      alana: { received: 0 },
    })
  })

  it('empties one inbox and goes on numbering', async () => {
    await lists()
    const before = sandbox.inbox('ecomail').at(-1)?.seq ?? 0
    expect((await hub('DELETE', '/inbox/ecomail')).status).toBe(204)
    expect(sandbox.counts('ecomail')).toMatchObject({ received: 0, kept: 0 })
    await lists()
    expect(sandbox.inbox('ecomail', before)).toHaveLength(1)
  })

  it.each(['/inbox/mailchimp', '/control/mailchimp'])('has nothing at %s', async path => {
    const { status, body } = await hub('GET', path)
    expect([status, body]).toEqual([404, { error: expect.stringContaining('ecomail') }])
  })
})

describe('an inbox', () => {
  const entry = {
    at: '',
    method: 'GET',
    path: '/',
    headers: {},
    body: null,
    status: 200,
    answer: null,
    accepted: true,
  }

  it('keeps the newest and counts all', () => {
    const inbox = new Inbox()
    for (let sent = 0; sent < INBOX_SIZE + 2; sent += 1) inbox.add({ ...entry, taken: 1, warnings: [] })
    expect(inbox.counts()).toMatchObject({
      received: INBOX_SIZE + 2,
      taken: INBOX_SIZE + 2,
      kept: INBOX_SIZE,
    })
    expect(inbox.entries()[0]?.seq).toBe(3)
  })

  it('waits for what comes, finds what is there, and gives up in time', async () => {
    const inbox = new Inbox()
    const waiting = inbox.waitFor((_, all) => all.length === 2)
    inbox.add({ ...entry, taken: 0, warnings: [] })
    inbox.add({ ...entry, taken: 0, warnings: [] })
    expect((await waiting).seq).toBe(2)
    expect((await inbox.waitFor(({ seq }) => seq === 1)).seq).toBe(1)
    await expect(inbox.waitFor(() => false, 5)).rejects.toThrow('2 received, 2 accepted, 0 refused')
  })
})

describe('the stream', () => {
  it('tells of entries and of clearing as they happen', async () => {
    const stop = new AbortController()
    const response = await fetch(`${sandbox.urls.inbox}/inbox/stream`, { signal: stop.signal })
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    const heard = readEvents(response, 2)
    await lists()
    sandbox.clear('ecomail')
    expect(await heard).toEqual([
      [
        'received',
        {
          vendor: 'ecomail',
          entry: expect.objectContaining({ status: 200 }),
          counts: expect.objectContaining({ received: 1 }),
        },
      ],
      ['cleared', { vendor: 'ecomail', counts: expect.objectContaining({ received: 0 }) }],
    ])
    stop.abort()
  })
})

/** The first `count` events of a stream as [name, data]. */
async function readEvents(response: Response, count: number): Promise<[string, unknown][]> {
  let text = ''
  const decoder = new TextDecoder()
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true })
    const found = [...text.matchAll(/event: (.+)\ndata: (.+)\n\n/g)]
    if (found.length >= count) return found.map(([, name = '', data = '']) => [name, JSON.parse(data)])
  }
  return []
}

describe('control', () => {
  it('queues a fault, shows it, and takes it back', async () => {
    const added = await hub('POST', '/control/ecomail', { status: 503, times: 3 })
    expect([added.status, added.body]).toMatchObject([
      201,
      { faults: [{ status: 503, times: 3, record: 'after' }] },
    ])
    expect((await lists()).status).toBe(503)
    expect((await hub('GET', '/control/ecomail')).body).toMatchObject({ faults: [{ times: 2 }] })
    expect((await hub('DELETE', '/control/ecomail')).status).toBe(204)
    expect((await lists()).status).toBe(200)
  })

  it('says what is wrong with a fault', async () => {
    const { status, body } = await hub('POST', '/control/ecomail', { status: 'bad' })
    expect([status, body]).toEqual([400, { error: expect.stringContaining('status') }])
  })

  it('adds contacts', async () => {
    expect((await hub('POST', '/contacts/topmail', { emails: ['new@example.com'] })).status).toBe(204)
    const { body } = await call('GET', `${sandbox.urls.topmail}/api/v1/contacts`, KEYS.topmail)
    expect(body).toMatchObject({ data: [{ email: 'new@example.com' }] })
    expect((await hub('POST', '/contacts/topmail', {})).status).toBe(400)
  })

  it('resets everything', async () => {
    await hub('POST', '/contacts/topmail', { emails: ['new@example.com'] })
    sandbox.fail('ecomail', { status: 500 })
    expect((await hub('POST', '/reset')).status).toBe(204)
    const { body } = await call('GET', `${sandbox.urls.topmail}/api/v1/contacts`, KEYS.topmail)
    expect(body).toEqual({ data: [] })
    expect((await lists()).status).toBe(200)
  })
})

it('leaves nothing running when a port is taken', async () => {
  const taken = Number(new URL(sandbox.urls.alana).port)
  await expect(startVendors({ ports: { voucherify: taken } })).rejects.toThrow('EADDRINUSE')
})
