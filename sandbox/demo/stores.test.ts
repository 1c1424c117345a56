import { createServer } from 'node:http'
import { afterEach, expect, it } from 'vitest'
import { listen } from '../vendors/listen.ts'
import { createStores } from './stores.ts'

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

it('a new shop had no store to visit: its embed could not be switched on, nor heard', async () => {
  const heard: (string | null)[] = []
  const app = createServer((request, response) => {
    heard.push(new URL(request.url ?? '', 'http://app').searchParams.get('shop'))
    response.end('{}')
  })
  const appUrl = await listen(app, 0, '127.0.0.1')
  ends.push(() => app.close())
  const stores = createStores({
    ...{ appUrl, secret: 'secret', tells: () => {}, admin: { pixel: () => null } },
    pixel: { file: import.meta.filename, needs: [] },
  })
  ends.push(stores.close)
  const [url, again] = await Promise.all([
    stores.urlOf('new.myshopify.com'),
    stores.urlOf('new.myshopify.com'),
  ])
  expect(again).toBe(url)
  expect((await fetch(`${url}/admin/themes/current/editor?context=apps`)).status).toBe(200)
  expect(await (await fetch(url)).text()).toContain('new.myshopify.com')
  await fetch(`${url}/apps/sluice/events`, { method: 'POST', body: '{}' })
  expect(heard).toEqual(['new.myshopify.com'])
  const own = await stores.open('own.myshopify.com', 0)
  expect(await stores.urlOf('own.myshopify.com')).toBe(own.url)
})
