import type { MetaArgs } from '@remix-run/node'
import { titled } from '../title.ts'

/** The area's name, and a vendor's before it where the page is about one. */
export function titleOf({ data, matches }: Pick<MetaArgs, 'data' | 'matches'>) {
  const { name } = (data ?? {}) as { name?: unknown }
  return titled('vendors', typeof name === 'string' ? name : null)({ matches })
}
