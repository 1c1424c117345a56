const NUMBER = new Intl.PluralRules('en')

/**
 * "1 delivery", "4 deliveries": a count with its noun.
 * @param many where it is not the noun with an "s"
 */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${NUMBER.select(count) === 'one' ? one : many}`
}

/** What becomes of what was held: each is planned anew, so not all of them need be sent. */
export function goOut(count: number, one = 'held delivery', many = 'held deliveries'): string {
  if (count === 0) return `0 ${many} go out now`
  const going = counted(count, `${one} is looked at anew and goes`, `${many} are looked at anew and go`)
  return `${going} out now (what consent or settings forbid, or a newer state has replaced, is skipped)`
}
