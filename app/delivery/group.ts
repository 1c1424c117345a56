/**
 * Group commit: what comes while earlier groups are being worked on is gathered and worked on together. Alone, an item
 * waits for nothing; under load a hundred share one transaction. Each caller gets its own result.
 */

export type Grouping<T, R> = {
  /** Items in one group at most. */
  max: number
  /** Groups being worked on at once, at most. */
  parallel: number
  /**
   * How many items must wait before a group is begun beside another that has just begun: two small groups cost more than
   * one. Default 1.
   */
  enough?: number
  /** Whether a group is begun only after what else has arrived by now, in this turn of the event loop. */
  gathers?: boolean
  /** Items that share a name never go into one group. */
  namesOf?(item: T): readonly string[]
  /** How long a caller waits, in ms, before it is told `TookTooLong`. What has not been begun by that time never is. */
  patienceMs?: number
  /** @returns one result per item, in order */
  run(items: readonly T[]): Promise<readonly R[]>
  /** Whether a failed group is taken apart, each item tried alone: one of them may be at fault. */
  takesApart(error: unknown): boolean
}

/** A group that takes longer than this may wait for a lock that others need not. */
const SLOW_MS = 50

/** Whether it was kept all the same is not known. */
export class TookTooLong extends Error {
  readonly code = 'ETIMEDOUT'
  override message = 'PostgreSQL did not commit in time'
}

type Waiting<T, R> = { item: T; abandoned: boolean; resolve(result: R): void; reject(error: unknown): void }

/** @returns a function that hands one item in, and resolves or rejects with what became of it */
export function createGroups<T, R>(grouping: Grouping<T, R>): (item: T) => Promise<R> {
  let waiting: Waiting<T, R>[] = []
  let running = 0
  let gathering = false
  let begunAt = 0
  let timed = false

  function next(): void {
    if (waiting.length === 0 || running >= grouping.parallel) return
    const quick = SLOW_MS - (performance.now() - begunAt)
    if (running > 0 && waiting.length < (grouping.enough ?? 1) && quick > 0) {
      if (!timed) setTimeout(goOn, quick)
      timed = true
      return
    }
    const group = take()
    if (group.length === 0) return
    running++
    begunAt = performance.now()
    settle(group).finally(() => {
      running--
      next()
    })
  }

  function take(): Waiting<T, R>[] {
    const names = new Set<string>()
    const group: Waiting<T, R>[] = []
    const left: Waiting<T, R>[] = []
    for (const each of waiting) {
      if (each.abandoned) continue
      const own = grouping.namesOf?.(each.item) ?? []
      if (group.length === grouping.max || own.some(name => names.has(name))) left.push(each)
      else group.push(each)
      for (const name of own) names.add(name)
    }
    waiting = left
    return group
  }

  function goOn(): void {
    timed = false
    next()
  }

  function gathered(): void {
    gathering = false
    next()
  }

  async function settle(group: readonly Waiting<T, R>[]): Promise<void> {
    try {
      const results = await grouping.run(group.map(({ item }) => item))
      for (const [i, { resolve }] of group.entries()) resolve(results[i] as R)
    } catch (error) {
      if (group.length > 1 && grouping.takesApart(error)) for (const each of group) await again(each)
      else for (const { reject } of group) reject(error)
    }
  }

  async function again(each: Waiting<T, R>): Promise<void> {
    if (!each.abandoned) await settle([each])
  }

  return async item => {
    let timer: NodeJS.Timeout | undefined
    try {
      return await new Promise<R>((resolve, reject) => {
        const mine = { item, abandoned: false, resolve, reject }
        if (grouping.patienceMs)
          timer = setTimeout(() => {
            mine.abandoned = true
            reject(new TookTooLong())
          }, grouping.patienceMs)
        waiting.push(mine)
        if (!grouping.gathers) next()
        else if (!gathering) {
          gathering = true
          setImmediate(gathered)
        }
      })
    } finally {
      clearTimeout(timer)
    }
  }
}
