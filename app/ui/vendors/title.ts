/** The titles of the vendors' pages, which stand outside what i18next's provider reaches. */
import type { MetaArgs, MetaDescriptor } from '@remix-run/node'
import type { Texts } from '../i18n.ts'

/** The area's name in the page's language, and a vendor's before it where the page is about one. */
export function titleOf({ data, matches }: Pick<MetaArgs, 'data' | 'matches'>): MetaDescriptor[] {
  const frame = matches.find(({ id }) => id === 'routes/app')?.data as { texts: Texts } | undefined
  const { name } = (data ?? {}) as { name?: unknown }
  const parts = [typeof name === 'string' ? name : null, frame?.texts.vendors.title, 'Sluice']
  return [{ title: parts.filter(Boolean).join(' · ') }]
}
