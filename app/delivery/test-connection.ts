/** Testing a connection: the vendor's harmless request that proves the credentials, and what its answer means. */
import { setTimeout as delay } from 'node:timers/promises'
import type { PrismaClient } from '../db/database.ts'
import { storable } from '../db/jsonb.ts'
import { asksToSlowDown } from '../vendors/answers.ts'
import type { Offered, ShopFacts, TestResult, VendorAnswer, VendorRequest } from '../vendors/vendor.ts'
import type { Connection } from './connections.ts'
import type { Gate, Pass, Wait } from './gate/gate.ts'
import type { Lane } from './lane.ts'
import type { Sender } from './send.ts'

/** Longer than this nobody is kept waiting for a permit. */
const PATIENCE_MS = 5_000
/** What takes longer than this to answer a harmless request, for which somebody sits and waits, counts as out of reach. */
const ANSWER_MS = 12_000

export type Tester = { sender: Sender; gate: Gate; baseUrl: string | undefined }

/** `untried`: why nothing was sent, so that it says nothing about the credentials. */
export type Tested = TestResult & { untried?: Wait['why'] }

/**
 * A test is a request like others: it needs a permit, and counts against the vendor's limit. Never throws for what the
 * vendor does; a vendor that cannot be reached is a failed test with its sentence.
 * @throws when the database cannot be reached
 */
export async function testConnection(
  { sender, gate, baseUrl }: Tester,
  lane: Lane,
  connection: Pick<Connection, 'vendor' | 'settings' | 'secrets'>,
  shop: ShopFacts,
): Promise<Tested> {
  const { vendor, settings } = connection
  const test = vendor.test(settings, shop)
  const asked = await askOnce({ sender, gate, baseUrl }, lane, connection, test.request)
  if ('problem' in asked) return asked.problem
  const { answer } = asked
  const result = test.read(answer)
  return !result.ok && isRefusal(answer) ? { ...result, refused: true } : result
}

/** By the status alone. A vendor may say so with another one too: that is for its own reading to tell. */
const isRefusal = ({ status }: VendorAnswer) => status === 401 || status === 403

/**
 * What the account has to choose from for one of the vendor's settings, or what is wrong. `refused`: that is the credentials, which the
 * vendor does not accept.
 */
export type OfferResult = { offered: Offered[] } | { problem: string; refused: boolean }

/**
 * Asks the account what a setting may be.
 * @param given settings as far as they are given
 * @returns null when what is given is not enough to ask, or the vendor offers nothing for the setting
 */
export async function askForOffers(
  tester: Tester,
  lane: Lane,
  connection: Pick<Connection, 'vendor' | 'settings' | 'secrets'>,
  setting: string,
  given: Readonly<Record<string, unknown>>,
): Promise<OfferResult | null> {
  const { offers = {} } = connection.vendor
  const offering = Object.hasOwn(offers, setting) ? offers[setting] : undefined
  const request = offering?.request(given)
  if (!offering || !request) return null
  const asked = await askOnce(tester, lane, connection, request)
  if ('problem' in asked) return { problem: asked.problem.merchant, refused: false }
  const read = offering.read(asked.answer, given)
  return 'offered' in read
    ? read
    : { problem: read.merchant, refused: read.refused === true || isRefusal(asked.answer) }
}

/** One request by itself, within the vendor's limits. */
async function askOnce(
  { sender, gate, baseUrl }: Tester,
  lane: Lane,
  connection: Pick<Connection, 'vendor' | 'settings' | 'secrets'>,
  request: VendorRequest,
): Promise<{ answer: VendorAnswer } | { problem: Tested }> {
  const { name } = connection.vendor
  const given = await permit(() => gate.ask(lane, connection, 1))
  if (given.kind === 'wait') return { problem: untried(name, given) }
  try {
    const sent = await sender.send(request, baseUrl, AbortSignal.timeout(ANSWER_MS))
    const answer = 'answer' in sent ? sent.answer : null
    given.answered({ answer, failed: answer === null || answer.status >= 500 })
    if ('answer' in sent) return sent
    const merchant = `${name} could not be reached. Try again in a minute. If it stays so, see whether ${name} itself is down, and check its region or address where the settings ask for one.`
    return { problem: { ok: false, merchant, log: `${name}: ${sent.failure}` } }
  } finally {
    await given.close()
  }
}

/** A permit, waited for if that does not take long. */
async function permit(ask: () => Promise<Pass | Wait>): Promise<Pass | Wait> {
  const end = performance.now() + PATIENCE_MS
  for (;;) {
    const given = await ask()
    if (given.kind === 'wait') {
      if (performance.now() + given.inMs > end) return given
      await delay(given.inMs + 1)
    } else {
      if (given.take()) return given
      // A circuit opened in this moment: asked again, the gate says until when.
      await given.close()
    }
  }
}

function untried(name: string, { inMs, why }: Wait): Tested {
  const seconds = Math.ceil(inMs / 1000)
  const log = `${name}: no permit for ${seconds} s (${why})`
  // In the words of the answer that announced it, within which this test is.
  if (why === 'announced') return { ok: false, untried: why, merchant: asksToSlowDown(name, inMs), log }
  const reasons: Record<typeof why, string> = {
    limit: `${name} has been sent as much as it takes for now`,
    lane_circuit: `Sluice has paused ${name} for this shop, because half or more of its requests failed`,
    vendor_circuit: `Sluice has paused ${name} for every shop, because half or more of its requests failed`,
  }
  const merchant = `${reasons[why]}. Nothing was sent; test again in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}.`
  return { ok: false, untried: why, merchant, log }
}

/** Keeps the result of a test with the connection, for the screens. @param at when it was tested */
export async function recordTest(
  prisma: PrismaClient,
  lane: Lane,
  result: TestResult,
  at = new Date(),
): Promise<void> {
  await prisma.connection.updateMany({
    where: lane,
    data: {
      testedAt: at,
      testOk: result.ok,
      testMessage: storable(result.merchant),
      testRefused: result.refused === true,
    },
  })
}
