/** The stand-in of the theme editor, in a real browser with the real extension: what is saved in it is what the embed tells. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { startTestStore, type TestStore } from '../../sandbox/store/testing.ts'
import { startBrowser } from '../support/browser.ts'
import { sideways, violations } from '../support/look.ts'
import type { Batch } from './store.ts'

const EDITOR = '/admin/themes/current/editor'

let browser: Browser
beforeAll(async () => {
  browser = await startBrowser()
})
afterAll(() => browser?.close())

let store: TestStore
let page: Page
let told: Batch['events']
let written: string[]
beforeEach(async () => {
  store = await startTestStore({ region: 'none' })
  page = await (await browser.newContext()).newPage()
  page.setDefaultTimeout(10_000)
  told = []
  await page.route('**/apps/sluice/events', (route, request) => {
    told.push(...(request.postDataJSON() as Batch).events)
    return route.fulfill({ status: 202, json: {} })
  })
  written = []
  page.on('console', message => written.push(message.text()))
})
afterEach(async () => {
  await page.context().close()
  await store.close()
})

const open = (path: string) => page.goto(store.store.url + path)
/** Waits until exactly these were told since the last time. */
async function areTold(...types: string[]): Promise<void> {
  await expect.poll(() => told.map(({ type }) => type)).toEqual(types)
  told = []
}
/** The embed has run on this page, and whatever it has seen is written where it waits, or sent. */
const hasRun = () =>
  page.waitForFunction(() => JSON.parse(localStorage.sluice ?? '{}').e >= performance.timeOrigin)

async function save(label: string, isOn: boolean): Promise<void> {
  await open(EDITOR)
  await page.getByLabel(label).setChecked(isOn)
  await page.getByRole('button', { name: 'Save' }).click()
  expect(await page.textContent('[role=status]')).toContain('Saved.')
  expect(await page.getByLabel(label).isChecked()).toBe(isOn)
}

async function chooseNickel(): Promise<void> {
  await page.click('.pill >> text=Nickel')
  await page.waitForURL('**?variant=*')
}

it('an event that is switched off is not told, and what is switched on again is', async () => {
  await save('Product views', false)
  await open('/products/tide-lantern')
  await hasRun()
  await open('/search?q=lamp')
  await areTold('search_submitted')
  await save('Product views', true)
  await open('/products/tide-lantern')
  await areTold('product_viewed')
})

it('a chosen variant is told of once that is switched on', async () => {
  await open('/products/tide-lantern')
  await areTold('product_viewed')
  await chooseNickel()
  await open('/search?q=lamp')
  await areTold('search_submitted')
  await save('Views of further variants', true)
  await open('/products/tide-lantern')
  await areTold('product_viewed')
  await chooseNickel()
  await areTold('product_viewed')
})

it('debug mode writes to the console what is told, once it is switched on', async () => {
  await open('/')
  await areTold('page_viewed')
  expect(written).toEqual([])
  await save('Debug mode', true)
  await open('/')
  await expect.poll(() => written.join()).toContain('page_viewed')
})

it('is linked at the foot of the store, in both languages, and says what the block says', async () => {
  await open('/cs')
  await page.getByRole('link', { name: 'v editoru šablon', exact: true }).click()
  await page.waitForURL(`**/cs${EDITOR}`)
  expect(await page.textContent('h1')).toBe('Události návštěvníků')
  expect(await page.getByLabel('Režim ladění').isChecked()).toBe(false)
  await page.click('text=Uložit')
  expect(await page.textContent('[role=status]')).toContain('Uloženo.')
  expect(await page.textContent('body')).not.toContain('translation missing')
})

it.each([1280, 390])('has nothing that keeps anybody from it, %i wide', async width => {
  await page.setViewportSize({ width, height: 900 })
  await open(`${EDITOR}?saved=1`)
  expect(await violations(page.mainFrame())).toEqual([])
  expect(await sideways(page.mainFrame())).toBeLessThanOrEqual(0)
  expect(told).toEqual([])
})
