import { afterEach, expect, it } from 'vitest'
import { type AdminFrame, startAdminFrame } from './frame.ts'

const EDITOR = '/admin/themes/current/editor?context=apps&activateAppId=key%2Fsluice'
const VISIT = '/store/new/visit'
const OPTIONS = { apiKey: 'key', apiSecret: 'secret', appUrl: () => 'http://127.0.0.1:1' }

let frame: AdminFrame
afterEach(() => frame.close())

it('the theme editor is the store’s, as it was asked for', async () => {
  const asked: string[] = []
  const storeUrl = async (shop: string) => {
    asked.push(shop)
    return 'http://127.0.0.1:3006'
  }
  frame = await startAdminFrame({ ...OPTIONS, storeUrl })
  const answer = await fetch(frame.url + VISIT + EDITOR, { redirect: 'manual' })
  expect([answer.status, answer.headers.get('location')]).toEqual([302, `http://127.0.0.1:3006${EDITOR}`])
  expect(asked).toEqual(['new.myshopify.com'])
})

it('without a store there is none, and it says so', async () => {
  frame = await startAdminFrame(OPTIONS)
  expect((await fetch(frame.url + VISIT + EDITOR)).status).toBe(404)
})

it('an order that the app does not take is told of as such', async () => {
  const told: unknown[] = []
  frame = await startAdminFrame({ ...OPTIONS, tells: (topic, _body, shop) => told.push([topic, shop]) })
  const answer = await fetch(`${frame.url}/store/new/orders`, { method: 'POST' })
  expect([answer.status, await answer.text()]).toEqual([
    502,
    expect.stringMatching(/^The app did not take order #\d+$/),
  ])
  expect(told).toEqual([['orders/create', 'new.myshopify.com']])
})
