/** The hub beside the stand-ins: the inboxes over HTTP and as a page, and the faults on command. */
import { createServer } from 'node:http'
import express, { type Request, type Response } from 'express'
import { z } from 'zod'
import { VENDORS, type VendorName } from './contract.ts'
import { faultSchema } from './faults.ts'
import { INBOX_SIZE } from './inbox.ts'
import { listen } from './listen.ts'
import { inboxPage } from './page.ts'
import type { StandIns } from './stand-in.ts'
import { openStream } from './stream.ts'

const vendorSchema = z.enum(VENDORS)
const contactsSchema = z.strictObject({ emails: z.array(z.string()).min(1) })
const rangeSchema = z.object({
  since: z.coerce.number().int().nonnegative().default(0),
  limit: z.coerce.number().int().positive().max(INBOX_SIZE).default(INBOX_SIZE),
})

/**
 * Serves, for one sandbox:
 *
 * - `GET /` the page;
 * - `GET /inbox` addresses and counts by vendor; `GET /inbox/:vendor?since=&limit=` entries, oldest first;
 *   `DELETE /inbox/:vendor` empties it; `GET /inbox/stream` server-sent events (see `openStream`);
 * - `GET`, `POST`, `DELETE /control/:vendor` the waiting faults, one more fault, none (see `faultSchema`);
 * - `POST /contacts/:vendor` `{"emails":[…]}` people whom the vendor knows from now on;
 * - `POST /reset` everything as after the start.
 *
 * Errors are `{"error": "…"}` with 400 or 404. Rejects when the port is taken.
 */
export async function startHub(
  standIns: StandIns,
  urls: Record<VendorName, string>,
  port: number,
  host: string,
): Promise<{ url: string; close(): Promise<void> }> {
  const app = express().disable('x-powered-by')
  app.use(express.json({ limit: '1mb' }))

  const page = inboxPage()
  app.get('/', (_req, res) => {
    res.set('content-security-policy', page.policy).type('html').send(page.html)
  })

  app.get('/inbox', (_req, res) => {
    const about = (name: VendorName) => ({
      url: urls[name],
      ...standIns[name].inbox.counts(),
      faults: standIns[name].faults.waiting().length,
    })
    res.json(Object.fromEntries(VENDORS.map(name => [name, about(name)])))
  })

  app.get('/inbox/stream', (_req, res) => openStream(res, standIns))

  app.get('/inbox/:vendor', (req, res) => {
    withVendor(req, res, vendor => {
      const range = rangeSchema.safeParse(req.query)
      if (!range.success) return refuse(res, range.error)
      const { inbox } = standIns[vendor]
      res.json({ vendor, counts: inbox.counts(), entries: inbox.entries(range.data.since, range.data.limit) })
    })
  })

  app.delete('/inbox/:vendor', (req, res) => {
    withVendor(req, res, vendor => {
      standIns[vendor].inbox.clear()
      res.status(204).end()
    })
  })

  app.get('/control/:vendor', (req, res) => {
    withVendor(req, res, vendor => res.json({ faults: standIns[vendor].faults.waiting() }))
  })

  app.post('/control/:vendor', (req, res) => {
    withVendor(req, res, vendor => {
      const fault = faultSchema.safeParse(req.body)
      if (!fault.success) return refuse(res, fault.error)
      standIns[vendor].faults.add(fault.data)
      res.status(201).json({ faults: standIns[vendor].faults.waiting() })
    })
  })

  app.delete('/control/:vendor', (req, res) => {
    withVendor(req, res, vendor => {
      standIns[vendor].faults.clear()
      res.status(204).end()
    })
  })

  app.post('/contacts/:vendor', (req, res) => {
    withVendor(req, res, vendor => {
      const contacts = contactsSchema.safeParse(req.body)
      if (!contacts.success) return refuse(res, contacts.error)
      standIns[vendor].rules.addContacts(contacts.data.emails)
      res.status(204).end()
    })
  })

  app.post('/reset', (_req, res) => {
    for (const name of VENDORS) {
      standIns[name].inbox.clear()
      standIns[name].faults.clear()
      standIns[name].rules.reset()
    }
    res.status(204).end()
  })

  const server = createServer(app)
  const url = await listen(server, port, host)
  const close = () =>
    new Promise<void>(resolve => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return { url, close }
}

function withVendor(req: Request, res: Response, then: (vendor: VendorName) => void): void {
  const vendor = vendorSchema.safeParse(req.params.vendor)
  if (vendor.success) then(vendor.data)
  else res.status(404).json({ error: `There is no vendor "${req.params.vendor}": ${VENDORS.join(', ')}.` })
}

function refuse(res: Response, error: z.ZodError): void {
  res.status(400).json({ error: z.prettifyError(error) })
}
