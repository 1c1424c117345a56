/**
 * The inbox page's script: draws what the hub's stream says. All text from requests goes in by textContent,
 * so nothing that a request contains can become markup.
 */

const NAMES = { ecomail: 'Ecomail', topmail: 'Topmail', alana: 'Alana', voucherify: 'Voucherify' }
/** Entries drawn per vendor; the hub keeps more. */
const DRAWN = 200
/** How often at most a screen reader hears new counts, in ms. */
const ANNOUNCE_EVERY = 3000

const byId = id => document.getElementById(id)
const columns = Object.fromEntries(Object.keys(NAMES).map(vendor => [vendor, createColumn(vendor)]))
let paused = false

/** An element with attributes and children; strings become text. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  element.append(...children)
  return element
}

function createColumn(vendor) {
  const name = NAMES[vendor]
  const clear = make('button', { type: 'button', 'aria-label': `Clear ${name}` }, 'Clear')
  const counts = make('p', { class: 'counts' })
  const empty = make(
    'p',
    { class: 'empty' },
    'Nothing yet: send a webhook or visit the store, and it shows here.',
  )
  const list = make('ol', { class: 'entries', reversed: '' })
  const more = make(
    'p',
    { class: 'more', hidden: '' },
    `Older ones are not drawn: these are the newest ${DRAWN}.`,
  )
  const title = make('h2', { id: `title-${vendor}` }, name)
  const head = make('header', {}, title, clear, counts)
  const section = make(
    'section',
    { class: 'inbox', 'aria-labelledby': `title-${vendor}` },
    head,
    empty,
    list,
    more,
  )
  const number = make('span', { class: 'number' }, '0')
  const tab = make('button', { type: 'button', 'aria-pressed': 'false' }, name, number)

  clear.addEventListener('click', () => fetch(`/inbox/${vendor}`, { method: 'DELETE' }))
  tab.addEventListener('click', () => show(vendor))
  byId('inboxes').append(section)
  byId('tabs').append(tab)
  // `waiting` holds entries until the next frame, or until the list was fetched anew (`loading`).
  return {
    vendor,
    section,
    tab,
    number,
    counts,
    empty,
    list,
    more,
    waiting: [],
    loading: false,
    clearings: 0,
    announced: '',
    said: '',
  }
}

/** On a narrow screen one vendor is seen at a time. */
function show(vendor) {
  for (const column of Object.values(columns)) {
    const chosen = column.vendor === vendor
    column.section.toggleAttribute('data-shown', chosen)
    column.tab.setAttribute('aria-pressed', String(chosen))
  }
}

function drawCounts(column, counts) {
  const part = (kind, number, word) => make('span', { class: number > 0 ? kind : '' }, `${number} ${word}`)
  const refused = counts.refused - counts.absent
  const parts = [part('good', counts.accepted, 'accepted'), ' · ', part('bad', refused, 'refused')]
  if (counts.absent > 0) parts.push(' · ', part('', counts.absent, 'not there yet'))
  if (counts.warned > 0) parts.push(' · ', part('warn', counts.warned, 'with warnings'))
  column.counts.replaceChildren(...parts)
  column.number.textContent = String(counts.received)
  column.empty.hidden = counts.received > 0
  column.more.hidden = counts.kept <= DRAWN
  column.said = `${NAMES[column.vendor]}: ${counts.accepted} accepted, ${refused} refused`
}

/** What an entry is about, in a few words, from what the vendors' bodies hold. */
function titleOf({ method, body }) {
  if (Array.isArray(body?.events)) {
    const types = body.events.map(event => event?.eventType ?? 'event')
    return types.length > 1
      ? `${types.length} events: ${[...new Set(types)].join(', ')}`
      : String(types[0] ?? 'no events')
  }
  if (body?.transaction) return `Order ${body.transaction.order_id} ${body.transaction.status ?? ''}`
  if (typeof body?.event === 'string') return body.event
  if (body?.event) return String(body.event.action ?? body.event.category ?? 'Event')
  if (body?.product_name) return `View of ${body.product_name}`
  if (body?.order_id) return `Conversion ${body.order_id}`
  if (body?.subscriber_data || body?.email) return `Contact ${(body.subscriber_data ?? body).email}`
  return method === 'GET' ? 'Look-up' : method === 'DELETE' ? 'Erasure' : 'Request'
}

/** The vendor's own words for a refusal, from the error shapes that the four document. */
function reasonOf(answer) {
  const error = answer?.error ?? answer
  const field = Object.values(answer?.errors ?? {})[0]?.[0] ?? error?.details?.[0]?.message
  const detail = typeof error?.details === 'string' ? error.details : field
  return String(detail ?? error?.message ?? '')
}

const WORDS = { accepted: 'Accepted', absent: 'Not there yet', refused: 'Refused' }
const kindOf = ({ accepted, absent }) => (accepted ? 'accepted' : absent ? 'absent' : 'refused')

/** A line may end after these signs, so that no word of a long name is broken. */
const breakable = text =>
  text.split(/(?<=[_/-])/).flatMap((part, at) => (at === 0 ? [part] : [make('wbr'), part]))

function draw(entry) {
  const kind = kindOf(entry)
  const time = make(
    'time',
    { class: 'time', datetime: entry.at },
    new Date(entry.at).toLocaleTimeString('en-GB'),
  )
  const result = make('span', { class: 'status' }, entry.status === 0 ? 'none' : String(entry.status))
  result.prepend(make('span', { class: 'unseen' }, `${WORDS[kind]}: `))
  const title = make('span', { class: 'title' }, ...breakable(titleOf(entry)))
  const where = make('span', { class: 'where' }, `${entry.method} ${entry.path}`)
  const summary = make('summary', {}, result, title, where, time)
  const why = entry.accepted ? '' : reasonOf(entry.answer)
  if (why) summary.append(make('span', { class: 'why' }, entry.absent ? `Not there yet: ${why}` : why))
  if (entry.fault !== undefined) summary.append(make('span', { class: 'flag' }, `Fault: ${entry.fault}`))
  const [warning] = entry.warnings
  if (warning !== undefined) {
    const many = entry.warnings.length
    const number = many === 1 ? '1 warning' : `${many} warnings`
    summary.append(make('span', { class: 'flag' }, number), make('span', { class: 'first' }, warning))
  }

  const details = make('details', {}, summary)
  details.addEventListener(
    'toggle',
    () => details.open && details.children.length === 1 && details.append(inside(entry)),
    {
      once: true,
    },
  )
  return make('li', { class: kind }, details)
}

/** Drawn only when opened: most entries never are. */
function inside(entry) {
  const box = make('div', { class: 'inside' })
  if (entry.warnings.length > 0) {
    box.append(
      make('h3', {}, 'Warnings'),
      make('ul', { class: 'notes' }, ...entry.warnings.map(text => make('li', {}, text))),
    )
  }
  const blocks = {
    Body: entry.body,
    [`Answer ${entry.status || '(none)'}`]: entry.answer,
    Headers: entry.headers,
  }
  for (const [title, value] of Object.entries(blocks)) {
    const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2)
    box.append(make('h3', {}, title), make('pre', { tabindex: '0', 'aria-label': title }, text))
  }
  return box
}

/** Puts waiting entries on top, newest first, and drops what is beyond the drawn number. */
function flush(column) {
  if (column.loading || column.waiting.length === 0) return
  const newest = column.waiting.slice(-DRAWN).reverse()
  column.waiting = []
  column.list.prepend(...newest.map(draw))
  while (column.list.children.length > DRAWN) column.list.lastChild.remove()
}

/** Draws the column anew from the hub: at the start, after a pause, after the connection was lost. */
async function load(column) {
  column.loading = true
  column.waiting = []
  const { clearings } = column
  try {
    const { counts, entries } = await (await fetch(`/inbox/${column.vendor}?limit=${DRAWN}`)).json()
    if (clearings !== column.clearings) return load(column)
    const last = entries.at(-1)?.seq ?? 0
    const newer = column.waiting.filter(entry => entry.seq > last)
    column.list.replaceChildren()
    column.waiting = [...entries, ...newer]
    // With newer entries came newer counts, which are drawn already.
    if (newer.length === 0) drawCounts(column, counts)
  } finally {
    column.loading = false
    flush(column)
  }
}

function connect() {
  const stream = new EventSource('/inbox/stream')
  const link = byId('link')
  const tell = (live, words) => {
    link.dataset.live = live
    link.textContent = words
  }
  stream.addEventListener('open', () => {
    tell('yes', 'Live')
    for (const column of Object.values(columns)) load(column)
  })
  stream.addEventListener('error', () => tell('no', 'Reconnecting…'))
  stream.addEventListener('received', message => {
    const { vendor, entry, counts } = JSON.parse(message.data)
    const column = columns[vendor]
    drawCounts(column, counts)
    if (paused) return
    column.waiting.push(entry)
    if (column.waiting.length > DRAWN) column.waiting.shift()
    if (column.waiting.length === 1) requestAnimationFrame(() => flush(column))
  })
  stream.addEventListener('cleared', message => {
    const { vendor, counts } = JSON.parse(message.data)
    const column = columns[vendor]
    column.clearings += 1
    column.waiting = []
    column.list.replaceChildren()
    drawCounts(column, counts)
  })
}

byId('pause').addEventListener('click', ({ currentTarget }) => {
  paused = !paused
  currentTarget.setAttribute('aria-pressed', String(paused))
  if (!paused) for (const column of Object.values(columns)) load(column)
})
byId('clear-all').addEventListener('click', () => {
  for (const vendor of Object.keys(NAMES)) fetch(`/inbox/${vendor}`, { method: 'DELETE' })
})
setInterval(() => {
  const changed = Object.values(columns).filter(column => column.said !== column.announced)
  if (changed.length === 0) return
  byId('announcement').textContent = changed.map(column => column.said).join('. ')
  for (const column of changed) column.announced = column.said
}, ANNOUNCE_EVERY)

show('ecomail')
connect()
