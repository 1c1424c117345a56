/** The load generator: a process of its own, so that it never shares a thread with what it measures. */
import { closedLoop, openLoop } from '../support/load.ts'
import { type PoolSpec, type Prepared, prepare } from '../support/requests.ts'
import { serve } from '../support/rpc.ts'

type Target = {
  url: string
  connections: number
  seconds: number /** Begins again at the first request. */
  repeat?: boolean
}

let pool: Prepared[] = []
let position = 0

const handlers = {
  /** Makes and signs the requests of the next runs; those of before are dropped. */
  prepare(spec: PoolSpec) {
    pool = prepare(spec)
    position = 0
  },
  closed: (target: Target) => closedLoop(target.url, taker(target), target),
  open: (target: Target & { rate: number }) => openLoop(target.url, taker(target), target),
}
export type Generator = typeof handlers

function taker({ repeat }: Target): () => Prepared | null {
  return () => {
    if (repeat && position >= pool.length) position = 0
    return pool[position++] ?? null
  }
}

serve(handlers)
