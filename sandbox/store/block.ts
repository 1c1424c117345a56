/** The app embed's block in its file: its Liquid, and what its `{% schema %}` lets a merchant set (https://shopify.dev/docs/storefronts/themes/architecture/settings/input-settings). */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export type Setting = {
  type: string
  /** Of a setting; what only stands between settings has none. */
  id?: string
  default?: unknown
  /** Texts, or "t:" with the key of one in the extension's locales. */
  label?: string
  info?: string
  content?: string
}
export type Schema = {
  name: string
  target: 'head' | 'body'
  javascript?: string
  available_if?: string
  settings?: readonly Setting[]
}
/** What a merchant saved, by the settings' ids. */
export type Saved = Record<string, unknown>

/** The block's name, in its file and in addresses. */
export const HANDLE = 'sluice'

/** @param folder the theme app extension's @returns null while it has no such block @throws when the block has no schema */
export function readBlock(folder: string): { schema: Schema; source: string } | null {
  const file = join(folder, 'blocks', `${HANDLE}.liquid`)
  if (!existsSync(file)) return null
  const source = readFileSync(file, 'utf8')
  const [, schema] = /\{%-?\s*schema\s*-?%\}([\s\S]*?)\{%-?\s*endschema/.exec(source) ?? []
  if (schema === undefined) throw new Error(`${file} has no {% schema %}`)
  return { schema: JSON.parse(schema) as Schema, source }
}

/** What Liquid reads as `block.settings`: what was saved, else the default. */
export function settingsOf({ settings = [] }: Schema, saved: Saved): Saved {
  const defaults = settings.flatMap(({ id, default: value }) => (id ? [[id, value]] : []))
  return { ...Object.fromEntries(defaults), ...saved }
}
