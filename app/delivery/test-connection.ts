/** Testing a connection: the vendor's harmless request that proves the credentials, and what its answer means. */
import { setTimeout as delay } from 'node:timers/promises'
import type { PrismaClient } from '../db/database.ts'
import { storable } from '../db/jsonb.ts'
import type { ShopFacts, TestResult } from '../vendors/vendor.ts'
import type { Connection } from './connections.ts'
import type { Gate, Pass, Wait } from './gate/gate.ts'
import type { Lane } from './lane.ts'
import type { Sender } from './send.ts'

/** Longer than this nobody is kept waiting for a permit. */
const PATIENCE_MS = 5_000

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
  const given = await permit(() => gate.ask(lane, connection, 1))
  if (given.kind === 'wait') return untried(vendor.name, given)
  try {
    const test = vendor.test(settings, shop)
    const sent = await sender.send(test.request, baseUrl)
    const answer = 'answer' in sent ? sent.answer : null
    given.answered({ answer, failed: answer === null || answer.status >= 500 })
    if ('answer' in sent) return test.read(sent.answer)
    const merchant = `${vendor.name} could not be reached. Try again in a minute; if it stays so, check the region or address in the settings.`
    return { ok: false, merchant, log: `${vendor.name}: ${sent.failure}` }
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
  const reasons: Record<Wait['why'], string> = {
    limit: `${name} has been sent as much as it takes for now`,
    announced: `${name} asked to slow down`,
    lane_circuit: `Sluice lets ${name} rest for this shop, because half or more of its requests failed`,
    vendor_circuit: `Sluice lets ${name} rest for every shop, because half or more of its requests failed`,
  }
  const merchant = `${reasons[why]}. Nothing was sent; test again in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}.`
  return { ok: false, untried: why, merchant, log: `${name}: no permit for ${seconds} s (${why})` }
}

/** Keeps the result of a test with the connection, for the screens. */
export async function recordTest(prisma: PrismaClient, lane: Lane, result: TestResult): Promise<void> {
  await prisma.connection.updateMany({
    where: lane,
    data: { testedAt: new Date(), testOk: result.ok, testMessage: storable(result.merchant) },
  })
}
