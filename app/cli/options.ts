/** Options that several commands have. */
import { InvalidArgumentError } from 'commander'

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
