/** The benchmarks, in the order in which they run. */
import type { Suite } from '../support/bench.ts'
import { admin } from './admin.ts'
import { age } from './age.ts'
import { counts } from './counts.ts'
import { delivery } from './delivery.ts'
import { fairness } from './fairness.ts'
import { ingest } from './ingest.ts'
import { latency } from './latency.ts'
import { memory } from './memory.ts'
import { page } from './page.ts'
import { shops } from './shops.ts'
import { storefront } from './storefront.ts'
import { upgrade } from './upgrade.ts'

export const SUITES: readonly Suite[] = [
  ingest,
  storefront,
  delivery,
  latency,
  fairness,
  age,
  memory,
  page,
  admin,
  counts,
  shops,
  upgrade,
]
