/** Testing a connection: the vendor's harmless request that proves the credentials, and what its answer means. */
import type { PrismaClient } from '../db/database.ts'
import { storable } from '../db/jsonb.ts'
import type { ShopFacts, TestResult } from '../vendors/vendor.ts'
import type { Connection } from './connections.ts'
import type { Lane } from './lane.ts'
import type { Sender } from './send.ts'

/** Never throws for what the vendor does; a vendor that cannot be reached is a failed test with its sentence. */
export async function testConnection(
  sender: Sender,
  connection: Pick<Connection, 'vendor' | 'settings'>,
  shop: ShopFacts,
  baseUrl: string | undefined,
): Promise<TestResult> {
  const { vendor, settings } = connection
  const test = vendor.test(settings, shop)
  const sent = await sender.send(test.request, baseUrl)
  if ('failure' in sent) {
    const merchant = `${vendor.name} could not be reached. Try again in a minute; if it stays so, check the region or address in the settings.`
    return { ok: false, merchant, log: `${vendor.name}: ${sent.failure}` }
  }
  return test.read(sent.answer)
}

/** Keeps the result of a test with the connection, for the screens. */
export async function recordTest(prisma: PrismaClient, lane: Lane, result: TestResult): Promise<void> {
  await prisma.connection.updateMany({
    where: lane,
    data: { testedAt: new Date(), testOk: result.ok, testMessage: storable(result.merchant) },
  })
}
