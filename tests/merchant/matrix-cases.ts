/**
 * What the matrix (matrix.test.ts) sends to the admin's routes beside their bare addresses. A route with an action has its
 * cases here; without them the matrix fails, so that nobody adds an action that was never tried by another shop.
 */

/** What is there of the shop that the others are after. */
export type Targets = {
  /** Of an event that its vendors have. */
  event: string
  order: string
  email: string
  customer: string
}

export type ActionCase = {
  tell: string
  form: Readonly<Record<string, string>>
  /** What the same does for the shop itself: a case that changes nothing for anybody would prove little. */
  own: 'changes' | 'reads'
  /** Values of the route's parameters; unset: the first of each. */
  params?: Readonly<Record<string, string>>
}

const FIRST_ID = '00000000-0000-0000-0000-000000000000'
const VENDOR = 'alana'
const KEY = { 'set.apiKey': 'ak_sandbox_5d84', 'row.order_created': 'on' }

const SETTINGS = {
  ...{ retentionDays: '60', emails: '', webhook: '', webhookSecret: '', webhookOff: '', language: 'cs' },
  ...{ 'kind.attention': 'on', 'kind.waiting': '', 'kind.giving_up': '' },
}

/** By route, in the order in which the shop itself then does it. */
export function actionCases({ event, order }: Targets): Readonly<Record<string, readonly ActionCase[]>> {
  const replayed = { which: 'delivered', vendor: VENDOR }
  const begins = { id: '019a0000-0000-7000-8000-000000000001', at: '2999-01-01T00:00:00.000Z' }
  return {
    'routes/app.$': [],
    'routes/app._index': [
      { tell: 'is told what a test would send', form: { intent: 'tell' }, own: 'reads' },
      {
        tell: 'sends a test event',
        form: { intent: 'test', key: begins.id, like: event, email: 'me@example.com' },
        own: 'changes',
      },
      { tell: 'allows the pixel', form: { intent: 'pixel' }, own: 'changes' },
      { tell: 'puts the guide away', form: { intent: 'dismiss' }, own: 'changes' },
    ],
    'routes/app.settings._index': [
      { tell: 'saves', form: { intent: 'save', ...SETTINGS }, own: 'changes' },
      { tell: 'sends a test to nobody', form: { intent: 'test' }, own: 'reads' },
      { tell: 'activates the pixel again', form: { intent: 'activate' }, own: 'changes' },
    ],
    'routes/app.vendors.$vendor_.preview': [
      { tell: 'previews what is given', form: { type: 'order_created', ...KEY }, own: 'reads' },
    ],
    'routes/app.activity.$event': [
      { tell: 'sends one again', form: { intent: 'replay', vendor: VENDOR }, own: 'changes' },
      { tell: 'has it tried now', form: { intent: 'try', vendor: VENDOR }, own: 'changes' },
    ],
    'routes/app.activity._index': [
      { tell: 'looks for a person', form: { intent: 'filter', email: 'mara@example.com' }, own: 'reads' },
      { tell: 'counts by order', form: { intent: 'count', order, ...replayed }, own: 'reads' },
      {
        tell: 'goes on with sending again',
        form: { intent: 'step', ...replayed, ...begins, lane: VENDOR, from: FIRST_ID },
        own: 'changes',
      },
      {
        tell: 'sends an order again',
        form: { intent: 'step', order, ...replayed, ...begins },
        own: 'changes',
      },
    ],
    'routes/app.vendors.$vendor': [
      { tell: 'tests what is given', form: { intent: 'test', ...KEY }, own: 'reads' },
      { tell: 'saves', form: { intent: 'save', ...KEY }, own: 'changes' },
      { tell: 'saves untested', form: { intent: 'saveUntested', ...KEY }, own: 'changes' },
      { tell: 'tests what is saved', form: { intent: 'testSaved' }, own: 'changes' },
      {
        tell: 'asks the account what there is',
        form: { intent: 'offers', setting: 'listId' },
        own: 'reads',
        params: { vendor: 'ecomail' },
      },
      { tell: 'has it tried now', form: { intent: 'try' }, own: 'changes' },
      { tell: 'switches off', form: { intent: 'off' }, own: 'changes' },
      { tell: 'switches on', form: { intent: 'on' }, own: 'changes' },
      { tell: 'disconnects', form: { intent: 'disconnect' }, own: 'changes' },
    ],
  }
}

/** Queries to ask a route with, beside none. Unknown ones do no harm. */
export function queriesOf({ event, order, email, customer }: Targets): string[] {
  return [
    `days=7`,
    `order=${encodeURIComponent(order)}`,
    `vendor=${VENDOR}&outcome=delivered`,
    `type=order_created&since=2000-01-01&until=2999-01-01`,
    `before=ffffffff-ffff-7fff-bfff-ffffffffffff`,
    `after=${FIRST_ID}`,
    `event=${event}&vendor=${VENDOR}`,
    `email=${encodeURIComponent(email)}&customer=${customer}`,
  ]
}
