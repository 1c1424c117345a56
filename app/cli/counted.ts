const NUMBER = new Intl.PluralRules('en')

/**
 * "1 delivery", "4 deliveries": a count with its noun.
 * @param many where it is not the noun with an "s"
 */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${NUMBER.select(count) === 'one' ? one : many}`
}
