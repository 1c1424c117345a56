/** What an entry says that was otherwise before, as lines of a small comparison. */

/** `from`, `to` as text; null: it was, or is, not there. */
export type Change = { field: string; from: string | null; to: string | null }

/** As deep as anything in the audit goes; what is deeper is written as JSON. */
const DEEPEST = 3

/** @returns what differs, in the order of the fields; what is the same on both sides is left out */
export function changesOf(before: unknown, after: unknown): Change[] {
  const from = fieldsOf(before)
  const to = fieldsOf(after)
  return [...new Set([...from.keys(), ...to.keys()])].flatMap(field => {
    const change = { field, from: from.get(field) ?? null, to: to.get(field) ?? null }
    return change.from === change.to ? [] : [change]
  })
}

/** Of texts and numbers, which are written one after the other. */
const isList = (value: unknown): value is unknown[] =>
  Array.isArray(value) && value.every(each => typeof each !== 'object')

/** By path ("filter.vendor"); the value itself, where it is no object, has an empty one. */
function fieldsOf(value: unknown, path = '', depth = 0): Map<string, string> {
  if (value === null || value === undefined) return new Map()
  if (isList(value)) return value.length === 0 ? new Map() : new Map([[path, value.join(', ')]])
  if (typeof value !== 'object' || Array.isArray(value) || depth === DEEPEST)
    return new Map([[path, typeof value === 'string' ? value : JSON.stringify(value)]])
  return new Map(
    Object.entries(value).flatMap(([name, each]) => [
      ...fieldsOf(each, path ? `${path}.${name}` : name, depth + 1),
    ]),
  )
}
