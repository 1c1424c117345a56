import { expect, it } from 'vitest'
import { csvOf, type ExportEvent } from './export-csv.ts'

const delivery = {
  ...{ vendor: 'alana', state: 'dead', reason: 'rejected', attempts: 2 },
  message: 'No, "never";\nsaid the tool',
  createdAt: '2026-11-20T10:00:01.000Z',
  updatedAt: '2026-11-20T10:00:02.000Z',
}
const event: ExportEvent = {
  ...{ id: 'e1', type: 'order_created', source: 'webhook', subject: 'order:7' },
  ...{ occurredAt: '2026-11-20T10:00:00.000Z', receivedAt: '2026-11-20T10:00:00.500Z' },
  actor: { customerId: '7', email: 'a…@example.com' },
  data: { order: { name: '#1001' } },
  deliveries: [delivery, { ...delivery, vendor: 'ecomail', state: 'pending', reason: null, message: null }],
}
const ON_ALL =
  'e1,order_created,webhook,2026-11-20T10:00:00+00:00,2026-11-20T10:00:00+00:00,order:7,#1001,7,a…@example.com'
const TIMES = '2026-11-20T10:00:01+00:00,2026-11-20T10:00:02+00:00'

it('has a row each delivery, under names of columns that only the first page has, by which it is known as UTF-8', () => {
  const rows = [
    `${ON_ALL},alana,failed,rejected,"No, ""never"";\nsaid the tool",2,${TIMES},`,
    `${ON_ALL},ecomail,waiting,,,2,${TIMES},`,
    '',
  ].join('\r\n')
  const first = csvOf([event], { separator: ',', zone: null, first: true })
  expect(first.startsWith('\ufeffevent_id,event,source,')).toBe(true)
  expect(first.endsWith(`\r\n${rows}`)).toBe(true)
  expect(csvOf([event], { separator: ',', zone: null, first: false })).toBe(rows)
})

it('has a row of an event without deliveries, and of one that nobody can read any more, which says so', () => {
  const { id, type, source, occurredAt, receivedAt } = event
  const unreadable = { id, type, source, occurredAt, receivedAt, unreadable: true as const, deliveries: [] }
  expect(csvOf([unreadable], { separator: ';', zone: null, first: false })).toBe(
    `e1;order_created;webhook;2026-11-20T10:00:00+00:00;2026-11-20T10:00:00+00:00${';'.repeat(12)}true\r\n`,
  )
})

it.each(['=1+1', '+1', '-1', '@sum', '\t=1', '\r=1'])('gives a spreadsheet no formula: %j', name => {
  const cell = csvOf([{ ...event, data: { order: { name } } }], { separator: ',', zone: null, first: false })
  expect(cell).toMatch(new RegExp(`,"?'${name.replace(/[+]/g, '\\+')}"?,`))
})

it('keeps every digit of a long id, which spreadsheets would write as 7.01E+12', () => {
  const rows = (customerId: string) =>
    csvOf([{ ...event, actor: { customerId, email: null } }], { separator: ',', zone: null, first: false })
  expect(rows('7010000000123')).toContain(",'7010000000123,")
  expect(rows('70100000001')).toContain(',70100000001,')
})

it.each([
  ['Europe/Prague', '2026-11-20T11:00:00+01:00'],
  ['America/Los_Angeles', '2026-11-20T02:00:00-08:00'],
  [null, '2026-11-20T10:00:00+00:00'],
])('tells times by the clock of the shop, %s, and how far it is ahead', (zone, time) => {
  expect(csvOf([event], { separator: ',', zone, first: false })).toContain(`webhook,${time},`)
})
