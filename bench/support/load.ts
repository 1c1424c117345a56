/**
 * Sending prepared requests, closed (each connection sends the next when the last is answered: how much goes
 * through) or open (by the clock, whatever the answers do: how long a caller waits). In an open run a request's
 * time counts from when it should have been sent, so that a server that stalls is not measured less often for it.
 */
import { type Dispatcher, Pool } from 'undici'
import type { Prepared } from './requests.ts'

export type LoadResult = {
  sent: number
  /** Answered with 200 or 202. */
  ok: number
  /** Other statuses, and failures under 0, with how often. */
  others: Record<number, number>
  seconds: number
  /** Answered with success per second. */
  rate: number
  /** Milliseconds of each successful request. */
  latencies: Float64Array
}

type Tally = { sent: number; ok: number; others: Record<number, number>; latencies: number[] }

/**
 * @param next the next request; null ends the run
 * @param seconds after which no further request is sent
 */
export async function closedLoop(
  url: string,
  next: () => Prepared | null,
  { connections, seconds }: { connections: number; seconds: number },
): Promise<LoadResult> {
  const pool = new Pool(url, { connections, pipelining: 1 })
  const tally = newTally()
  const started = performance.now()
  const ends = started + seconds * 1000
  const sendOn = async () => {
    while (performance.now() < ends) {
      const request = next()
      if (!request) return
      const at = performance.now()
      count(tally, await send(pool, request), at)
    }
  }
  await Promise.all(Array.from({ length: connections }, sendOn))
  const result = resultOf(tally, started)
  await pool.destroy()
  return result
}

/** @param rate requests per second */
export async function openLoop(
  url: string,
  next: () => Prepared | null,
  { rate, seconds, connections }: { rate: number; seconds: number; connections: number },
): Promise<LoadResult> {
  const pool = new Pool(url, { connections, pipelining: 1 })
  const tally = newTally()
  const started = performance.now()
  const total = Math.floor(rate * seconds)
  const open = new Set<Promise<void>>()
  for (let number = 0; number < total; ) {
    const due = Math.min(total, Math.floor(((performance.now() - started) / 1000) * rate) + 1)
    for (; number < due; number++) {
      const request = next()
      if (!request) break
      const intended = started + (number / rate) * 1000
      const sending = send(pool, request).then(status => {
        count(tally, status, intended)
        open.delete(sending)
      })
      open.add(sending)
    }
    await new Promise(done => setTimeout(done, 1))
  }
  await Promise.all(open)
  const result = resultOf(tally, started)
  await pool.destroy()
  return result
}

function newTally(): Tally {
  return { sent: 0, ok: 0, others: {}, latencies: [] }
}

function count(tally: Tally, status: number, from: number): void {
  tally.sent += 1
  if (status === 200 || status === 202) {
    tally.ok += 1
    tally.latencies.push(performance.now() - from)
  } else {
    tally.others[status] = (tally.others[status] ?? 0) + 1
  }
}

function resultOf({ latencies, ...tally }: Tally, started: number): LoadResult {
  const seconds = (performance.now() - started) / 1000
  return { ...tally, seconds, rate: tally.ok / seconds, latencies: Float64Array.from(latencies) }
}

/** The bare dispatcher: undici's comfortable interface costs the generator more than some servers need. @returns the status, 0 for a failure */
function send(pool: Pool, { path, headers, body }: Prepared): Promise<number> {
  return new Promise(done => {
    let status = 0
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart() {},
      onResponseStart(_controller, statusCode) {
        status = statusCode
      },
      onResponseData() {},
      onResponseEnd: () => done(status),
      onResponseError: () => done(0),
    }
    pool.dispatch({ path, method: 'POST', headers, body }, handler)
  })
}
