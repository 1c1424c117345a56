/** A page that is on its way is not taken for the one before it where the server answers something else first. */
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { activityTools, address, LIST } from '../support/activity.ts'
import { frameOf } from '../support/screen.ts'
import { leave } from '../support/tabs.ts'

const { tools } = activityTools()

/** The list that is asked for waits. @returns lets it come */
async function keepsBack(page: Page): Promise<() => void> {
  let come = () => {}
  const late = new Promise<void>(resolve => {
    come = resolve
  })
  const isList = (url: URL) => url.searchParams.get('_data') === LIST && url.searchParams.has('replay')
  await page.route(isList, async route => {
    await late
    await route.continue().catch(() => {})
  })
  return come
}

it('what was sent again is listed though what became of it is answered first', async () => {
  const { page, app } = await tools.open('/app/activity?vendor=voucherify&outcome=delivered&order=%231001')
  await app.getByRole('button', { name: 'Send again…' }).click()
  await app.getByRole('button', { name: 'Send 1 again' }).click()
  await app.getByText('1 delivered', { exact: true }).waitFor()
  const come = await keepsBack(page)
  const answered = page.waitForResponse(answer => !!answer.request().postData()?.includes('outcomes'))
  await app.getByRole('link', { name: 'See what became of them' }).click()
  await (await answered).finished()
  // The page has it by then.
  await frameOf(page).evaluate(() => new Promise(drawn => requestAnimationFrame(() => setTimeout(drawn))))
  come()
  await app.getByRole('link', { name: /^Remove filter: Sent again on / }).waitFor()
  await app.getByRole('link', { name: /#1001/ }).waitFor()
  expect([...address(page).searchParams.keys()]).toEqual(['replay'])
  await leave(page)
})
