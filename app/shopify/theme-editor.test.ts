import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, it } from 'vitest'
import { embedEditorUrl } from './theme-editor.ts'

it('the theme editor is opened with the app’s embed', () => {
  const url = new URL(embedEditorUrl('a.myshopify.com', 'key-1'))
  expect(url.origin + url.pathname).toBe('https://a.myshopify.com/admin/themes/current/editor')
  expect(url.searchParams.get('context')).toBe('apps')
  expect(url.searchParams.get('template')).toBe('index')
  const [app, handle] = url.searchParams.get('activateAppId')?.split('/') ?? []
  expect(app).toBe('key-1')
  expect(
    existsSync(resolve(import.meta.dirname, `../../extensions/storefront/blocks/${handle}.liquid`)),
  ).toBe(true)
})
