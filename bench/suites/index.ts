/** The benchmarks, in the order in which they run. */
import type { Suite } from '../support/bench.ts'
import { delivery } from './delivery.ts'
import { ingest } from './ingest.ts'
import { latency } from './latency.ts'
import { storefront } from './storefront.ts'

export const SUITES: readonly Suite[] = [ingest, storefront, delivery, latency]
