/** Pages are looked at often: of what waits no more than this is counted, and a greater number means that there are more. */
export const MOST_COUNTED = 10_000

/** "9,999", and "10,000+" where there are more. @param format how the language writes a number */
export function counted(count: number, format: (value: number) => string): string {
  return count > MOST_COUNTED ? `${format(MOST_COUNTED)}+` : format(count)
}
