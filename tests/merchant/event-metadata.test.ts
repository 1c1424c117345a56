/** A merchant chooses what one kind of event carries, and preview, What syncs and the event that is sent go by it. */
import { beforeEach, describe, expect, it } from 'vitest'
import { SHOP } from '../support/app.ts'
import { merchantTools } from '../support/merchant.ts'
import { orders } from '../support/orders.ts'
import { sideways, violations } from '../support/screen.ts'
import { leave } from '../support/tabs.ts'

const tools = merchantTools()
const made = orders(() => tools.app)
const pool = () => tools.app.test.database.pool
const FOLDED = 'Event name, Metadata: Order placed'
const AS_ALL = 'As chosen for every event: Metadata'

beforeEach(async () => {
  await tools.app.idle()
  await tools.app.reset()
  await pool().query('delete from connections')
})

const chosen = async () => {
  const { rows } = await pool().query("select settings from connections where vendor = 'voucherify'")
  return rows[0]?.settings.eventMetadata
}
const sentMetadata = () =>
  tools.app.vendors.inbox('voucherify').flatMap(({ method, body }) => {
    const { metadata = null } = (body ?? {}) as { metadata?: unknown }
    return method === 'POST' ? [metadata] : []
  })

describe('what one event carries', () => {
  it('is chosen beside its name, by what it is called, and holds in the preview, What syncs and what is sent', async () => {
    await tools.app.connect('voucherify')
    const { page, app } = await tools.open('/app/vendors/voucherify')
    await app.getByText('Metadata: the same as for every event').first().waitFor()
    expect(await app.getByText('Metadata: chosen for this event').count()).toBe(0)
    await app.getByRole('button', { name: FOLDED }).click()
    const asAll = app.getByRole('checkbox', { name: AS_ALL })
    expect(await asAll.isChecked()).toBe(true)
    await asAll.uncheck()
    const own = app.getByRole('group', { name: 'Metadata of this event' })
    // It begins with what holds for all, as far as this event knows it, and offers nothing that it cannot know.
    expect(await own.getByRole('checkbox', { checked: true }).count()).toBe(6)
    expect(await own.getByRole('checkbox', { name: 'Search words' }).count()).toBe(0)
    expect(await own.getByText('order_name').count()).toBe(0)
    for (const name of ['Time of the event', 'Order ID', 'Total', 'Currency', 'Number of items'])
      await own.getByRole('checkbox', { name, exact: true }).uncheck()
    await own.getByRole('checkbox', { name: 'Tax', exact: true }).check()
    expect(await violations(page)).toEqual([])
    await app.getByRole('button', { name: 'Preview with these settings' }).click()
    await app.getByLabel('Event', { exact: true }).selectOption('order_created')
    const body = app.getByRole('region', { name: 'Body 1' })
    await body.getByText('"order_name"').waitFor()
    expect(await body.textContent()).not.toContain('"order_id"')
    await app.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click()
    await page.locator('#save-bar').getByRole('button', { name: 'Save' }).click()
    await page.locator('#toast').getByText('settings saved').waitFor()
    expect(await chosen()).toEqual({ order_created: ['order_name', 'tax'] })
    await app.getByText('Metadata: chosen for this event').waitFor()
    expect(await app.getByText('Metadata: chosen for this event').count()).toBe(1)
    await made.send('orders/create', { name: '#1001' })
    await tools.app.idle()
    expect(sentMetadata()).toEqual([{ order_name: '#1001', tax: expect.any(Number) }])
    await page.goto(tools.frame.address(SHOP, '/app/vendors/voucherify/syncs', 'en'))
    await app.getByText('metadata.order_name').first().waitFor({ state: 'attached' })
    await leave(page)
  })

  it('is what holds for all once it is chosen so again', async () => {
    await tools.app.connect('voucherify', {
      ...{ appId: 'a', appToken: 'b', mode: 'server' },
      eventMetadata: { order_created: [] },
    })
    const { page, app } = await tools.open('/app/vendors/voucherify')
    await app.getByRole('button', { name: FOLDED }).click()
    await app.getByRole('checkbox', { name: AS_ALL }).check()
    await page.locator('#save-bar').getByRole('button', { name: 'Save' }).click()
    await app.getByRole('button', { name: 'Save anyway' }).click()
    await page.locator('#toast').getByText('settings saved').waitFor()
    expect(await chosen()).toEqual({})
    await leave(page)
  })

  it('is folded in on a phone, and fits when it is folded out', async () => {
    await tools.app.connect('voucherify')
    const { page, app } = await tools.open('/app/vendors/voucherify', { width: 390 })
    await app.getByRole('button', { name: FOLDED }).waitFor()
    await app.getByText('An event can have a list of its own.').waitFor()
    const consent = await app.getByLabel('Consent needed for “Order placed”').boundingBox()
    // Across the row: none of its words is cut off, and what it says below it takes one line.
    expect(consent?.width).toBeGreaterThan(340)
    expect(await app.getByLabel('Event name', { exact: true }).count()).toBe(0)
    await app.getByRole('button', { name: FOLDED }).click()
    await app.getByLabel('Event name', { exact: true }).fill('purchase')
    await app.getByRole('checkbox', { name: AS_ALL }).uncheck()
    await app.getByText('Arrives as: purchase').waitFor()
    expect(await violations(page)).toEqual([])
    expect(await sideways(page)).toBe(0)
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/390.png` })
    await leave(page)
  })
})
