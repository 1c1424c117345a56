/** The benchmarks, in the order in which they run. */
import type { Suite } from '../support/bench.ts'
import { delivery } from './delivery.ts'
import { ingest } from './ingest.ts'

export const SUITES: readonly Suite[] = [ingest, delivery]
