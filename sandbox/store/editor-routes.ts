/**
 * A stand-in of Shopify's theme editor, as far as an app embed needs it: the block's settings as its `{% schema %}` and the
 * extension's locales declare them, kept until the store is stopped. Its path is the one that apps link to
 * (https://shopify.dev/docs/apps/build/online-store/theme-app-extensions/configuration#deep-linking).
 */
import { join } from 'node:path'
import { Router } from 'express'
import { readBlock, type Saved, type Schema, type Setting, settingsOf } from './block.ts'
import type { EmbedOptions } from './embed.ts'
import { readFields } from './form-body.ts'
import { lookUp, readTexts, type Texts } from './liquid.ts'
import type { Place } from './liquid-objects.ts'
import type { Pages } from './pages.ts'
import { guarded } from './routes.ts'
import { visitOf } from './visit.ts'

const PATH = '/admin/themes/current/editor'

/** @returns "/cs/admin/themes/current/editor" */
export const editorPath = ({ root }: Place): string => root + PATH

type Field = { id: string; type: string; label: string; info: string; value: unknown }
/** The settings from one header to the next. */
type Group = { title: string; fields: Field[] }

/** @param embed its `settings` become what is saved */
export function editorRoutes(pages: Pages, embed: EmbedOptions): Router {
  const routes = Router()
  routes.get(
    PATH,
    guarded(async (request, response) => {
      const { locale } = visitOf(response).place
      const block = readBlock(embed.folder)
      const texts =
        block && readTexts(join(embed.folder, 'locales'), `${LOCALE_FILES[locale] ?? locale}.schema`)
      await pages.sendEditor(response, 'Theme editor', {
        name: block && texts && worded(block.schema.name, texts),
        groups: block && texts && groupsOf(block.schema, texts, embed.settings),
        is_saved: request.query.saved !== undefined,
      })
    }),
  )
  routes.post(
    PATH,
    guarded(async (request, response) => {
      const block = readBlock(embed.folder)
      if (block) Object.assign(embed.settings, given(block.schema, await readFields(request)))
      response.redirect(303, `${editorPath(visitOf(response).place)}?saved=1`)
    }),
  )
  return routes
}

/** The extension's locales that are named otherwise than by their language. */
const LOCALE_FILES: Readonly<Record<string, string>> = { en: 'en.default' }

const worded = (text = '', texts: Texts) => (text.startsWith('t:') ? lookUp(texts, text.slice(2)) : text)

/** @throws for a kind of setting that the page cannot draw, so that no setting is missing on it */
function groupsOf(schema: Schema, texts: Texts, saved: Saved): Group[] {
  const values = settingsOf(schema, saved)
  const groups: Group[] = []
  for (const setting of schema.settings ?? []) {
    if (setting.type === 'header') groups.push({ title: worded(setting.content, texts), fields: [] })
    else if (groups.length === 0) groups.push({ title: '', fields: [] })
    if (setting.type !== 'header') groups.at(-1)?.fields.push(fieldOf(setting, texts, values))
  }
  return groups
}

function fieldOf({ id = '', type, label, info }: Setting, texts: Texts, values: Saved): Field {
  if (type !== 'checkbox' && type !== 'text') throw new Error(`The theme editor draws no "${type}" (${id}).`)
  return { id, type, label: worded(label, texts), info: worded(info, texts), value: values[id] }
}

/** What a form says of each setting; a box that is not ticked is not in it. */
const given = ({ settings = [] }: Schema, fields: Saved): Saved =>
  Object.fromEntries(
    settings.flatMap(({ id, type }) => {
      if (!id) return []
      return [[id, type === 'checkbox' ? fields[id] !== undefined : String(fields[id] ?? '').trim()]]
    }),
  )
