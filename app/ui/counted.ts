/** Pages are looked at often: of what waits no more than this is counted, and a greater number means that there are more. */
export const MOST_COUNTED = 10_000
/** Of what failed and is counted once more within a period: somebody is to look at it, however much it is. */
export const MOST_FAILED = 1_000

/** "9,999", and "10,000+" where there are more. @param format how the language writes a number @param most so many are counted */
export function counted(count: number, format: (value: number) => string, most = MOST_COUNTED): string {
  return count > most ? `${format(most)}+` : format(count)
}
