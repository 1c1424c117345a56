/** What the foot of a page lets a visitor choose, as its template takes it. The texts are in the theme's locales, by these names. */
import { editorPath } from './editor-routes.ts'
import { EMBEDS, MODES, PIXELS, REGIONS, type Visit } from './visit.ts'

/** @param query of the page: what is chosen keeps the page as it is; @param hasPixel whether the shop has a pixel to choose */
export function foot(visit: Visit, query: URLSearchParams, hasPixel: boolean) {
  const choice = (name: string, values: readonly string[], current: string) => ({
    name,
    values: values.map(value => ({
      value,
      key: `${name}_${value}`,
      url: linkTo(query, name, value),
      is_current: value === current,
    })),
  })
  return {
    choices: [
      choice('mode', MODES, visit.mode),
      choice('region', REGIONS, visit.region),
      choice('embed', EMBEDS, visit.embed),
      ...(hasPixel ? [choice('pixel', PIXELS, visit.pixel)] : []),
    ],
    editor_url: editorPath(visit.place),
    design_url: linkTo(query, 'design', '1'),
    leave_design_url: linkTo(query, 'design', null),
  }
}

/** @returns "?q=lamp&mode=xhr": this page, with one name of its query changed or, by null, left out */
function linkTo(query: URLSearchParams, name: string, value: string | null): string {
  const changed = new URLSearchParams(query)
  if (value === null) changed.delete(name)
  else changed.set(name, value)
  return `?${changed}`
}
