import { expect, it } from 'vitest'
import cs from '../ui/locales/cs.json'
import en from '../ui/locales/en.json'
import { csvOf, type ExportEvent } from './export-csv.ts'
import { exportWords } from './export-words.ts'

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
  data: { order: { name: '#1001', total: '139.90', currency: 'EUR' } },
  deliveries: [delivery, { ...delivery, vendor: 'ecomail', state: 'pending', reason: null, message: null }],
}
const words = exportWords(en, {})
const WHAT = 'Order placed,#1001,,139.90,EUR'
const TOLD = '2026-11-20 10:00:00,2026-11-20 10:00:00,Shopify,7,a…@example.com'
const TIMES = '2026-11-20 10:00:01,2026-11-20 10:00:02'
const CODES = 'e1,order_created,webhook,order:7,2026-11-20T10:00:00+00:00,2026-11-20T10:00:00+00:00'
const TIME_CODES = '2026-11-20T10:00:01+00:00,2026-11-20T10:00:02+00:00'

it('has a row each delivery in words, with the codes behind, under names of columns that only the first page has, by which it is known as UTF-8', () => {
  const rows = [
    `${WHAT},139.90,${TOLD},Alana,Failed,Rejected,"No, ""never"";\nsaid the tool",2,${TIMES},,${CODES},alana,failed,rejected,${TIME_CODES}`,
    `${WHAT},,${TOLD},Ecomail,Waiting,,,2,${TIMES},,${CODES},ecomail,waiting,,${TIME_CODES}`,
    '',
  ].join('\r\n')
  const first = csvOf([event], { separator: ',', words, zone: null, first: true })
  expect(first.startsWith('\ufeffEvent,Order,Product,Amount,Currency,Amount once per event,')).toBe(true)
  expect(first).toContain(',event_id,event_code,')
  expect(first.endsWith(`\r\n${rows}`)).toBe(true)
  expect(csvOf([event], { separator: ',', words, zone: null, first: false })).toBe(rows)
})

it('is in the words of the language, with its decimal comma where cells are parted by semicolons', () => {
  const czech = exportWords(cs, { 'No, "never";\nsaid the tool': 'Ne' })
  const [head, row] = csvOf([event], { separator: ';', words: czech, zone: null, first: true }).split('\r\n')
  expect(head).toMatch(
    /^\ufeffUdálost;Objednávka;Produkt;Částka;Měna;Částka jednou za událost;.*;event_id;event_code;/,
  )
  expect(row).toMatch(/^Vytvoření objednávky;#1001;;139,90;EUR;139,90;/)
  expect(row).toContain(';Alana;Neúspěšné;Odmítnuto;Ne;2;')
})

it('tells what waits for its visitor, and a code without a word, as the list does', () => {
  const odd = { ...delivery, state: 'waiting', reason: 'of_tomorrow', message: null }
  const row = csvOf([{ ...event, deliveries: [odd] }], { separator: ',', words, zone: null, first: false })
  expect(row).toContain(',Alana,Waiting for its visitor,of_tomorrow,')
  expect(row).toContain(',alana,waiting,of_tomorrow')
})

it('has a row of an event without deliveries, and of one that nobody can read any more, which says so', () => {
  const { id, type, source, occurredAt, receivedAt } = event
  const time = '2026-11-20T10:00:00+00:00'
  const unreadable = { id, type, source, occurredAt, receivedAt, unreadable: true as const, deliveries: [] }
  expect(csvOf([unreadable], { separator: ';', words, zone: null, first: false })).toBe(
    `Order placed;;;;;;2026-11-20 10:00:00;2026-11-20 10:00:00;Shopify${';'.repeat(10)}Yes;e1;order_created;webhook;;${time};${time};;;;;\r\n`,
  )
})

it.each(['=1+1', '+1', '-1', '@sum', '\t=1', '\r=1'])('gives a spreadsheet no formula: %j', name => {
  const cell = csvOf([{ ...event, data: { order: { name } } }], {
    separator: ',',
    words,
    zone: null,
    first: false,
  })
  expect(cell).toMatch(new RegExp(`,"?'${name.replace(/[+]/g, '\\+')}"?,`))
})

it('keeps every digit of an id that is too long for a number, and leaves others numbers', () => {
  const rows = (customerId: string) =>
    csvOf([{ ...event, actor: { customerId, email: null } }], {
      separator: ',',
      words,
      zone: null,
      first: false,
    })
  expect(rows('7010000000123456')).toContain(",'7010000000123456,")
  expect(rows('7010000000123')).toContain(',7010000000123,')
})

it.each([
  ['Europe/Prague', '2026-11-20T11:00:00+01:00'],
  ['America/Los_Angeles', '2026-11-20T02:00:00-08:00'],
  [null, '2026-11-20T10:00:00+00:00'],
])('tells times by the clock of the shop, %s, and how far it is ahead', (zone, time) => {
  const [head = '', row = ''] = csvOf([{ ...event, deliveries: [] }], {
    ...{ separator: ',', words, zone, first: true },
  }).split('\r\n')
  const cells = row.split(',')
  expect(head).toContain(`Happened (${zone ?? 'UTC'}),`)
  // What a spreadsheet takes for a date, and what tells two hours apart that a clock shows twice.
  expect(cells[6]).toBe(time.slice(0, 19).replace('T', ' '))
  expect(cells[head.split(',').indexOf('occurred_at')]).toBe(time)
})

it('names a view’s product, and whom it is taken for where it names nobody itself', () => {
  const view: ExportEvent = {
    ...{ ...event, type: 'product_viewed', data: { product: { title: 'Lamp' } }, deliveries: [] },
    actor: { customerId: null, email: null },
  }
  const row = (each: ExportEvent) => csvOf([each], { separator: ',', words, zone: null, first: false })
  expect(row(view)).toMatch(/^Product viewed,,Lamp,,,,[^,]+,[^,]+,Shopify,,,/)
  const person = { customerId: '7', email: 'a…@example.com' }
  expect(row({ ...view, person })).toContain(',Shopify,7,a…@example.com,')
})
