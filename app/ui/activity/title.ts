import type { MetaArgs } from '@remix-run/node'
import type { Texts } from '../i18n.ts'
import { titled } from '../title.ts'

/** The area's name, and what happened before it where the page is about one event. */
export function titleOf({ data, matches }: Pick<MetaArgs, 'data' | 'matches'>) {
  const frame = matches.find(({ id }) => id === 'routes/app')?.data as { texts: Texts } | undefined
  const { event } = (data ?? {}) as { event?: { type?: unknown } }
  const words: Readonly<Record<string, string>> = frame?.texts.activity.type ?? {}
  return titled('activity', typeof event?.type === 'string' ? words[event.type] : null)({ matches })
}
