/** Which job is taken next: how the groups of a queue share the slots of this process. */
import type { Job } from 'pg-boss'

/** @param ignoreGroups of these nothing is given. @returns the oldest of the highest priority */
export type Fetch<T> = (batchSize: number, ignoreGroups: readonly string[]) => Promise<Job<T>[]>

/**
 * @param groups those of the jobs that run here, one for each job
 * @param free how many more may run, at least one
 * @returns `more`: there may be more to take
 */
export type Picker<T> = (
  fetch: Fetch<T>,
  groups: readonly string[],
  free: number,
) => Promise<{ jobs: Job<T>[]; more: boolean }>

/** The oldest first, several by one fetch, and so many of a group at once. @param most taken by one fetch */
export function oldestFirst<T>(most: number, perGroup: number): Picker<T> {
  return async (fetch, groups, free) => {
    const counts = [...countsOf(groups).values()]
    // All that is fetched may be of the group that has the least room.
    const room = counts.reduce(
      (least, count) => (count < perGroup ? Math.min(least, perGroup - count) : least),
      Math.min(most, perGroup, free),
    )
    const jobs = await fetch(room, fullOf(groups, perGroup))
    return { jobs, more: jobs.length === room }
  }
}

/** A look for others that found nobody holds good for so long: it steps over all that waits of those who had their turn. */
const NOBODY_ELSE_MS = 500

/**
 * One group after the other, however much waits of each, and so many of a group at once: whoever has little is not behind whoever
 * has much.
 * @param resting groups of which nothing is taken for now
 */
export function inTurn<T>(perGroup: number, resting: () => readonly string[]): Picker<T> {
  let served = new Set<string>()
  let inVain = { ignored: '', until: 0 }

  /** Of those who have not had their turn. */
  async function ofOthers(fetch: Fetch<T>, closed: ReadonlySet<string>): Promise<Job<T>[]> {
    const ignored = [...new Set([...closed, ...served])].sort()
    const key = ignored.join('\n')
    if (key === inVain.ignored && performance.now() < inVain.until) return []
    const jobs = await fetch(1, ignored)
    if (jobs.length === 0) inVain = { ignored: key, until: performance.now() + NOBODY_ELSE_MS }
    return jobs
  }

  return async (fetch, groups) => {
    const closed = new Set([...fullOf(groups, perGroup), ...resting()])
    let jobs = await ofOthers(fetch, closed)
    if (jobs.length === 0 && [...served].some(group => !closed.has(group))) {
      served = new Set()
      jobs = await fetch(1, [...closed])
    }
    for (const { groupId } of jobs) if (groupId) served.add(groupId)
    return { jobs, more: jobs.length > 0 }
  }
}

function countsOf(groups: readonly string[]): Map<string, number> {
  return new Map([...Map.groupBy(groups, group => group)].map(([group, all]) => [group, all.length]))
}

function fullOf(groups: readonly string[], perGroup: number): string[] {
  return [...countsOf(groups)].flatMap(([group, count]) => (count >= perGroup ? group : []))
}
