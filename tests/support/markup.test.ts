import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBrowser } from './browser.ts'
import { expectOnlyText, PLANTS, watchMarkup } from './markup.ts'

let browser: Browser
beforeAll(async () => {
  browser = await startBrowser()
})
afterAll(() => browser?.close())

describe('the watch', () => {
  it.each(PLANTS)('finds %s where a page takes it for markup', async text => {
    const other = await (await browser.newContext()).newPage()
    const over = watchMarkup(other, () => [])
    await other.setContent(
      `<title>${text}</title><p>${text}</p><input value="${text}"><input value='${text}'><a href="${text}">a</a>`,
    )
    expect(await over.findings()).not.toEqual([])
    await other.context().close()
  })

  it('finds nothing where it is text', async () => {
    const other = await (await browser.newContext()).newPage()
    const over = watchMarkup(other, () => [])
    await other.setContent('<p></p><input>')
    await other.evaluate(
      texts => {
        document.querySelector('p')?.append(texts.join(' '))
      },
      [...PLANTS],
    )
    await expectOnlyText(over, PLANTS.length, 'a page')
    await other.context().close()
  })
})
