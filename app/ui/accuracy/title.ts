/** The title of the accuracy page, which stands outside what i18next's provider reaches. */
import type { MetaArgs, MetaDescriptor } from '@remix-run/node'
import type { Texts } from '../i18n.ts'

/** In the page's language, from what the frame of all pages was given. */
export function titleOf({ matches }: Pick<MetaArgs, 'matches'>): MetaDescriptor[] {
  const frame = matches.find(({ id }) => id === 'routes/app')?.data as { texts: Texts } | undefined
  return [{ title: frame ? `${frame.texts.accuracy.title} · Sluice` : 'Sluice' }]
}
