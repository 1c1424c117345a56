/** Options that several commands have. */
import { InvalidArgumentError } from 'commander'
import { MOST_REASON_CHARACTERS } from '../delivery/lane-state.ts'
import { Failure } from './failure.ts'

/** The exit code of a process that SIGINT ended, as shells have it. */
export const INTERRUPTED = 130

/** One of a closed list. @throws InvalidArgumentError */
export const oneOf =
  <T extends string>(allowed: readonly T[]) =>
  (value: string): T => {
    if (!allowed.includes(value as T))
      throw new InvalidArgumentError(`It must be one of ${allowed.join(', ')}.`)
    return value as T
  }

/** How many rows are shown at most. @throws InvalidArgumentError */
export function limitOption(value: string): number {
  const limit = Number(value)
  if (!Number.isInteger(limit) || limit < 1 || limit > 10_000)
    throw new InvalidArgumentError('It must be a whole number from 1 to 10000.')
  return limit
}

/** Of `--reason`. @throws Failure */
export function reasonGiven(text: string): string {
  const reason = text.trim()
  if (reason && reason.length <= MOST_REASON_CHARACTERS) return reason
  throw new Failure(`--reason must be a text of 1 to ${MOST_REASON_CHARACTERS} characters.`)
}
