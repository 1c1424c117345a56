/** A vendor of a shop whose stored credentials cannot be opened here. */
import { expect, it } from 'vitest'
import { SHOP } from '../support/app.ts'
import { consoleTools } from '../support/console.ts'
import { looksWell } from '../support/look.ts'
import { leave } from '../support/tabs.ts'

const support = consoleTools()

it.each([1280, 390])('is not told of as one that runs: %i pixels', async width => {
  const { app } = support
  await app.connect('ecomail')
  await app.server.services.pool.query(`update connections set secrets = 'v1.gone.AAAA', test_ok = true`)
  const page = await support.open('viewer', `/support/shops/${SHOP}`, { width })
  const vendor = page.locator('#ecomail')
  await vendor
    .getByText('The stored credentials cannot be opened. The merchant has to enter them again.')
    .waitFor()
  expect(await vendor.getByText('Needs attention').count()).toBe(1)
  await looksWell(page)
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/console-unopened-${width}.png` })
  await leave(page)
})
