/** As much of GraphQL as the stand-in needs: one operation, fields with arguments and selections, no fragments. */

export type Field = { name: string; arguments: Readonly<Record<string, string>>; fields: readonly Field[] }
export type Operation = { kind: 'query' | 'mutation'; fields: readonly Field[] }

/** @throws SyntaxError with Shopify's kind of sentence */
export function parseOperation(text: string): Operation {
  const tokens = text.match(/[{}():!$,=]|\[|\]|"(?:[^"\\]|\\.)*"|[\w.-]+/g) ?? []
  let at = 0
  const peek = () => tokens[at]
  const next = () => tokens[at++]
  const expect = (wanted: string) => {
    const found = next()
    if (found !== wanted) throw new SyntaxError(`Expected ${wanted}, actual: ${found ?? 'end of document'}`)
  }
  function skipTo(close: string): string[] {
    const inside: string[] = []
    for (let token = next(); token !== close; token = next()) {
      if (token === undefined) throw new SyntaxError(`Expected ${close}, actual: end of document`)
      inside.push(token)
    }
    return inside
  }
  function argumentsHere(): Record<string, string> {
    if (peek() !== '(') return {}
    next()
    const inside = skipTo(')').filter(token => token !== ',')
    const pairs: Record<string, string> = {}
    // "id", ":", "$", "id"
    for (let i = 0; i < inside.length; i++)
      if (inside[i + 1] === ':' && inside[i + 2] === '$') pairs[String(inside[i])] = String(inside[i + 3])
    return pairs
  }
  function selection(): Field[] {
    expect('{')
    const fields: Field[] = []
    while (peek() !== '}') {
      const name = next()
      if (name === undefined || !/^\w+$/.test(name)) throw new SyntaxError(`Unexpected ${name}`)
      const given = argumentsHere()
      fields.push({ name, arguments: given, fields: peek() === '{' ? selection() : [] })
    }
    next()
    return fields
  }
  const kind = peek() === '{' ? 'query' : next()
  if (kind !== 'query' && kind !== 'mutation') throw new SyntaxError(`Unexpected ${kind}`)
  if (peek() !== '{' && peek() !== '(') next()
  if (peek() === '(') {
    next()
    skipTo(')')
  }
  return { kind, fields: selection() }
}

export type GraphError = { message: string; path?: string[]; extensions?: Record<string, unknown> }

/**
 * What is asked for out of a value. A field that the value does not have is no field of its type; one whose value is
 * `WITHHELD` is null with an error, as Shopify answers for protected data without approval.
 */
export function select(
  fields: readonly Field[],
  value: Readonly<Record<string, unknown>>,
  path: string[],
  errors: GraphError[],
): Record<string, unknown> {
  return Object.fromEntries(
    fields.map(({ name, fields: inner }) => {
      const here = [...path, name]
      if (!Object.hasOwn(value, name))
        throw new SyntaxError(`Field '${name}' doesn't exist on type '${path.at(-1) ?? 'QueryRoot'}'`)
      const found = value[name]
      if (found === WITHHELD) {
        const message = `This app is not approved to access the ${here.at(-2)} field ${name}.`
        errors.push({ message, path: here, extensions: { code: 'ACCESS_DENIED' } })
        return [name, null]
      }
      return [name, inner.length > 0 && isRecord(found) ? select(inner, found, here, errors) : found]
    }),
  )
}

export const WITHHELD = Symbol('withheld')

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
