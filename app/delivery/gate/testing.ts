/** For tests of the gate: two processes' worth of it on one database (two pools, each with its own gate), and a clock to move. */
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { type Database, openDatabase } from '../../db/database.ts'
import { type TestDatabase, testDatabase } from '../../db/testing.ts'
import { createLog } from '../../log.ts'
import { answer } from '../../vendors/testing.ts'
import type { Announcement, Limit } from '../../vendors/vendor.ts'
import type { Lane } from '../lane.ts'
import { tinyVendor } from '../testing.ts'
import { type Asking, createGate, type Gate, type Pass, type Result, type Wait } from './gate.ts'

const log = createLog('silent')

/** The two nodes of a test file; their clocks, and that of the database, say `now`. */
export type Nodes = {
  now: number
  test: TestDatabase
  here: Gate
  there: Gate
  gateOn(db: Database, address: string): Gate
}

/** Declares the set-up of a test file: call at its top level, and use what it returns inside tests only. */
export function twoNodes(): Nodes {
  let other: Database
  const gateOn = ({ pool }: Database, address: string) =>
    createGate({ pool, log, address, now: () => nodes.now })
  const nodes = { gateOn } as Nodes
  beforeAll(async () => {
    nodes.test = await testDatabase()
    other = openDatabase(nodes.test.url)
  })
  beforeEach(async () => {
    nodes.now = Date.parse('2026-11-20T12:00:00.000Z')
    await nodes.test.database.pool.query('truncate allowances, circuits')
    nodes.here = gateOn(nodes.test.database, 'here')
    nodes.there = gateOn(other, 'there')
  })
  afterAll(async () => {
    await other.close()
    await nodes.test.drop()
  })
  return nodes
}

export const shop = (shopId: number): Lane => ({ shopId, vendor: 'tiny' })

/** What a lane of a vendor with these limits asks with; each answer announces the same. */
export function tiny(limits: Limit[], announced: Announcement | null = null, secret = 'k'): Asking {
  const vendor = tinyVendor({
    limits: () => ({ limits, batch: 1, concurrency: 1 }),
    announces: () => announced,
  })
  return { vendor, settings: {}, secrets: [secret] }
}

export const limit = (requests: number, windowSeconds = 60, scope: Limit['scope'] = 'key'): Limit => ({
  scope,
  requests,
  windowSeconds,
})

/** A vendor without limits. */
export const FREE = tiny([])

/** @throws when the lane was told to wait */
export function passed(outcome: Pass | Wait | undefined): Pass {
  if (outcome?.kind !== 'go') throw new Error(`not let through: ${JSON.stringify(outcome)}`)
  return outcome
}

/** @throws when the lane was let through */
export function waited(outcome: Pass | Wait): { why: Wait['why']; until: number } {
  if (outcome.kind !== 'wait') throw new Error('was let through')
  return { why: outcome.why, until: outcome.until.getTime() }
}

export const ok: Result = { answer: answer(200), failed: false }
export const failure: Result = { answer: null, failed: true, durationMs: 10 }

/** Uses all permits of a pass, and closes it. */
export async function used(pass: Pass, result = ok): Promise<void> {
  while (pass.take()) pass.answered(result)
  await pass.close()
}
