/** `sluice vendor test`: tries the credentials, and says what becomes of the lane. */
import type { Command } from 'commander'
import { SLUICE } from '../command-line.ts'
import { vendorById } from '../delivery/connections.ts'
import { createGate } from '../delivery/gate/gate.ts'
import type { Released } from '../delivery/lane-state.ts'
import { createSender } from '../delivery/send.ts'
import type { Tested } from '../delivery/test-connection.ts'
import { type Standing, statusOf } from '../insights/lanes.ts'
import { type Connecting, type StoredTest, testSaved } from '../runtime/connecting.ts'
import { vendorWordsAround } from '../ui/vendor-words.ts'
import { type Context, print, shopNamed } from './context.ts'
import { counted, goOut } from './counted.ts'
import { notConnected } from './failure.ts'
import { note } from './note.ts'

export async function testVendor(
  context: Context,
  domain: string,
  id: string,
  command: Command,
): Promise<void> {
  const { store, config, log, signal } = context
  const shop = await shopNamed(store, domain)
  const sender = createSender()
  try {
    const connecting: Connecting = {
      ...{ pool: store.pool, prisma: store.database.prisma, sealer: store.sealer, sender },
      signal: lane => signal([lane]),
      gate: createGate({ pool: store.pool, log, address: config.sendingAddress }),
      vendorBaseUrls: config.vendorBaseUrls,
    }
    const stored = await testSaved(connecting, shop, vendorById(id))
    if (!stored) throw notConnected(domain, id)
    const after = { ok: stored.tested.ok, message: stored.tested.merchant }
    await note(store.pool, { action: 'vendor_test', shop: shop.domain, vendor: id, after })
    tell(stored, domain, id, command)
  } finally {
    await sender.close()
  }
}

function tell(
  { tested, released, before, after, later }: StoredTest,
  domain: string,
  id: string,
  command: Command,
) {
  const { untried, ...result } = tested
  const resume = `"${SLUICE} lane resume ${domain} ${id}"`
  let next = untried ? waits(untried, resume) : []
  if (released) next = [...ended(before, after, released), ...goesOn(after, later, resume)]
  else process.exitCode = 1
  const verdict = result.ok ? 'OK' : untried ? 'NOT TESTED' : 'FAILED'
  print(command, { shop: domain, vendor: id, ...result, next }, ({ merchant }) =>
    [`${verdict}: ${merchant}`, ...next.map(sentence => `  ${sentence}`)].join('\n'),
  )
}

/** What can be done where nothing was sent. */
function waits(untried: NonNullable<Tested['untried']>, resume: string): string[] {
  switch (untried) {
    case 'lane_circuit':
      return [`${resume} ends the rest and sends at once; by itself the lane goes on then, with one request.`]
    case 'announced':
      return [`${resume} ends that wait and sends at once; by itself the lane goes on then.`]
    case 'vendor_circuit':
      return ['That rest ends by itself, with one request.']
    case 'limit':
      return ['The lane goes on by itself as the limit allows.']
  }
}

/** What kept the lane from sending, and does so no more. */
export function ended(before: Standing, after: Standing, { released, expired }: Released): string[] {
  const { attention, rests, pausedUntil } = before
  const late =
    expired > 0 ? `; ${counted(expired, 'is too old and ends', 'are too old and end')} as expired` : ''
  return [
    ...(attention !== null && after.attention === null
      ? [`The lane needed attention (${vendorWordsAround(attention)}): that is over.`]
      : []),
    ...(rests && !rests.everyShop && !after.rests
      ? [`The lane rested because ${rests.why}: that is over.`]
      : []),
    ...(pausedUntil && !after.pausedUntil
      ? [`The lane was paused until ${pausedUntil.toISOString()}: that is over.`]
      : []),
    ...(released + expired > 0
      ? [`${goOut(released, 'delivery that was held', 'deliveries that were held')}${late}.`]
      : []),
  ]
}

/** What keeps it from sending all the same, or what waits for a time of its own. */
export function goesOn(
  after: Standing,
  later: { count: number; first: Date | null },
  resume: string,
): string[] {
  const { shop, vendor, enabled, attention } = after
  if (!enabled)
    return [
      `Nothing is sent, for it is switched off: "${SLUICE} vendor on ${shop} ${vendor}" switches it on.`,
    ]
  if (attention !== null) return [`Nothing is sent all the same: ${vendorWordsAround(attention)}`]
  const status = statusOf(after)
  const stands =
    status === 'open'
      ? []
      : [
          `The lane ${status.startsWith('paused') ? 'is ' : ''}${status}${after.rests?.everyShop ? ', which ends by itself' : `: ${resume} ends that`}.`,
        ]
  if (later.count === 0 || !later.first) return stands
  return [
    ...stands,
    `${counted(later.count, 'delivery waits', 'deliveries wait')} for ${later.count === 1 ? 'its' : 'their'} next try, the first until ${later.first.toISOString()}: ${resume} sends ${later.count === 1 ? 'it' : 'them'} now.`,
  ]
}
