import { expect, it } from 'vitest'
import { Shopper, startTestStore } from './testing.ts'

it('pages have the pixel with the settings that the app gave it last, without a restart of the store', async () => {
  let settings: Record<string, string> | null = { key: 'first-key' }
  const test = await startTestStore({
    pixel: { file: import.meta.filename, settings: () => settings, needs: [] },
  })
  const keyAt = async (path: string) => {
    const html = await new Shopper(test.store.url).text(path)
    const [, facts = 'null'] = /id="store-pixel">(.*?)<\/script>/s.exec(html) ?? []
    return JSON.parse(facts)?.settings.key
  }
  expect(await keyAt('/')).toBe('first-key')
  settings = { key: 'second-key' }
  expect(await keyAt('/cart')).toBe('second-key')
  settings = null
  expect(await keyAt('/')).toBeUndefined()
  await test.close()
})
