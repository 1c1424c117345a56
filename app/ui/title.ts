/** The titles of the pages, which stand outside what i18next's provider reaches. */
import type { MetaArgs, MetaDescriptor } from '@remix-run/node'
import type { Texts } from './i18n.ts'

/** Areas whose texts have a `title`. */
type Area = { [K in keyof Texts]: Texts[K] extends { title: string } ? K : never }[keyof Texts]
type Matches = Pick<MetaArgs, 'matches'>

/** @returns the area's name in the page's language, from what the frame was given, with what the page is about before it */
export function titled(area: Area, about?: string | null) {
  return ({ matches }: Matches): MetaDescriptor[] => {
    const frame = matches.find(({ id }) => id === 'routes/app')?.data as { texts: Texts } | undefined
    return [{ title: [about, frame?.texts[area].title, 'Sluice'].filter(Boolean).join(' · ') }]
  }
}
