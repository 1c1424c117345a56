/** A tool's page, for whoever is interrupted: nothing fails out of sight, nothing is lost, and the keyboard keeps its place. */
import type { FrameLocator, Page } from 'playwright-core'
import { beforeEach, describe, expect, it } from 'vitest'
import { HELD_REASONS } from '../../app/delivery/outcome.ts'
import { SETTINGS } from '../support/app.ts'
import { focused } from '../support/focus.ts'
import { merchantTools } from '../support/merchant.ts'
import { orders } from '../support/orders.ts'
import { frameOf, sideways, violations } from '../support/screen.ts'
import { leave } from '../support/tabs.ts'

const tools = merchantTools()
const made = orders(() => tools.app)
const pool = () => tools.app.test.database.pool

beforeEach(async () => {
  await pool().query('delete from circuits')
  await pool().query('update connections set paused_until = null')
  await tools.app.signal('alana')
  await tools.app.idle()
  await tools.app.reset()
  await pool().query('delete from connections')
})

const untilFocused = (page: Page, pattern: RegExp) =>
  expect.poll(() => focused(frameOf(page)), { timeout: 10_000 }).toMatch(pattern)

/** It rests after failures, for an hour. The lane is paused with it, as by whoever opens a circuit: a process knows the circuits as they were up to a second ago. @param key of the circuit */
async function rest(key = `lane:${tools.app.shopId}:alana`): Promise<void> {
  await pool().query("update connections set paused_until = now() + interval '1 hour' where vendor = 'alana'")
  await pool().query(
    `insert into circuits (key, open_until, rest_ms, opened_at, reason)
     values ($1, now() + interval '1 hour', 3600000, now(), 'half or more of the requests of the last minute failed')`,
    [key],
  )
}

describe('what failed', () => {
  it('is told at once where the save bar saved a key that the tool refuses, and at the key field', async () => {
    await tools.app.connect('alana')
    const { page, app } = await tools.open('/app/vendors/alana')
    await app.getByLabel('API key').fill('ak_wrong_0000')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await untilFocused(page, /The test failed.*Alana does not know this API key/)
    // The box says it, in view.
    expect(await page.locator('#toast').textContent()).not.toContain('The test failed')
    expect(await app.getByLabel('API key').getAttribute('aria-invalid')).toBe('true')
    await app.getByRole('button', { name: 'Save anyway' }).waitFor()
    await leave(page)
  })

  const WRONG = {
    ecomail: { ...SETTINGS.ecomail, apiKey: 'wrong_key_0000' },
    topmail: { ...SETTINGS.topmail, apiKey: 'tm_live_wrong_0000', rows: { order_created: true } },
    alana: { ...SETTINGS.alana, apiKey: 'ak_wrong_0000' },
    voucherify: { ...SETTINGS.voucherify, appToken: '00000000-0000-4000-8000-000000000000' },
  } as const

  /** How often the page says why the key is refused, in the words of what was sent or of the test. */
  async function reasons(app: FrameLocator, vendor: string): Promise<number> {
    const { rows } = await pool().query<{ said: string }>(
      'select distinct unnest(array[attention, test_message]) as said from connections where vendor = $1',
      [vendor],
    )
    const said = rows.flatMap(row => row.said ?? [])
    const counts = await Promise.all(said.map(each => app.getByText(each).count()))
    return counts.reduce((sum, each) => sum + each, 0)
  }

  it.each(['ecomail', 'topmail', 'alana', 'voucherify'] as const)(
    'is told at the key, to which the other places lead, and in the box of the test: %s',
    async vendor => {
      await tools.app.connect(vendor, WRONG[vendor])
      await made.send('orders/create')
      await tools.app.idle()
      const { page, app } = await tools.open(`/app/vendors/${vendor}`)
      await app.getByText('Needs attention', { exact: true }).waitFor()
      expect(await reasons(app, vendor)).toBe(1)
      await app.getByRole('button', { name: 'Test connection' }).click()
      await untilFocused(page, /The test failed/)
      await app.getByText('Nothing is sent until the key is corrected').waitFor()
      // At the field, and in the box that has the focus.
      expect(await reasons(app, vendor)).toBe(2)
      expect(await page.locator('#toast').textContent()).not.toContain('The test failed')
      if (process.env.SHOTS)
        await page.screenshot({ path: `${process.env.SHOTS}/refused-${vendor}.png`, fullPage: true })
      await app.getByRole('button', { name: /^Go to “/ }).click()
      await untilFocused(page, /(API key|secret|token)/i)
      await page.reload()
      await app.getByText(/^Last test failed on .* UTC\.$/).waitFor()
      expect(await reasons(app, vendor)).toBe(1)
      await leave(page)
    },
  )

  it('is told once of a key that was saved although it is refused', async () => {
    await tools.app.connect('alana')
    const { page, app } = await tools.open('/app/vendors/alana')
    await app.getByLabel('API key').fill('ak_wrong_0000')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await app.getByRole('button', { name: 'Save anyway' }).click()
    await app.getByText('Alana: settings saved, though their test failed').waitFor()
    await app.getByText('the box below says').waitFor()
    expect(await reasons(app, 'alana')).toBe(1)
    await page.reload()
    await app.getByText('It is on, but its last test failed').waitFor()
    expect(await reasons(app, 'alana')).toBe(1)
    await leave(page)
  })

  it('is told of a tool that is switched off too, whatever the status of the refusal', async () => {
    await tools.app.connect('ecomail')
    tools.app.vendors.fail('ecomail', { body: { message: 'Wrong api key' }, times: 10 })
    await made.send('orders/create')
    await tools.app.idle()
    await pool().query('update connections set enabled = false')
    const { page, app } = await tools.open('/app/vendors/ecomail')
    await app.getByText(/Before it can send again: /).waitFor()
    expect(await reasons(app, 'ecomail')).toBe(1)
    await app.getByRole('button', { name: 'Test connection' }).click()
    await untilFocused(page, /The test failed/)
    await app.getByText(/Before it can send again, the key has to be corrected/).waitFor()
    expect(await app.getByLabel('API key').getAttribute('aria-invalid')).toBe('true')
    expect(await reasons(app, 'ecomail')).toBe(2)
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/off.png`, fullPage: true })
    await leave(page)
  })

  it('of a tool that is on and sends is not said to stop it, nor a refusal that is none of the key', async () => {
    await tools.app.connect('ecomail', WRONG.ecomail)
    const { page, app } = await tools.open('/app/vendors/ecomail')
    await app.getByRole('button', { name: 'Test connection' }).click()
    await app.getByText('It is on, but its last test was refused').waitFor()
    // The list's own field asked the account too, and was refused for the same reason.
    await app.getByText('Enter the key first, or type the value in.').waitFor()
    expect(await app.getByText('Nothing is sent until').count()).toBe(0)
    expect(await reasons(app, 'ecomail')).toBe(2)
    await pool().query('update connections set attention = $1', [HELD_REASONS.uninstalled])
    await app.getByRole('button', { name: 'Test connection' }).click()
    await app.getByText(HELD_REASONS.uninstalled).waitFor()
    expect(await app.getByText('Nothing is sent until').count()).toBe(0)
    await leave(page)
  })

  it('stays at the key that was refused when another kind of keys is chosen', async () => {
    await tools.app.connect('voucherify', WRONG.voucherify)
    const { page, app } = await tools.open('/app/vendors/voucherify')
    await app.getByRole('button', { name: 'Test connection' }).click()
    await untilFocused(page, /The test failed/)
    await app.getByLabel('Keys', { exact: true }).selectOption('client')
    await app.getByLabel('Client-side key').waitFor()
    expect(await app.getByLabel('Secret key').getAttribute('aria-invalid')).toBe('true')
    expect(await app.locator('[aria-invalid="true"]').count()).toBe(1)
    await app.getByRole('button', { name: 'Go to “Secret key”' }).click()
    await untilFocused(page, /Secret key/)
    await leave(page)
  })

  it('for want of a setting leads to the field, not to the end of the form', async () => {
    const { page, app } = await tools.open('/app/vendors/alana')
    await app.getByRole('button', { name: 'Test and connect' }).click()
    await untilFocused(page, /API key/)
    await leave(page)
  })

  it('in a test of what is saved does not offer to save what nobody changed', async () => {
    await tools.app.connect('alana')
    await rest()
    const { page, app } = await tools.open('/app/vendors/alana')
    await app.getByRole('button', { name: 'Test connection' }).click()
    await untilFocused(page, /could not be tested now/)
    expect(await app.getByRole('button', { name: /^Save (without testing|anyway)/ }).count()).toBe(0)
    await leave(page)
  })
})

describe('a page that stands open', () => {
  const refuse = () =>
    pool().query(`update connections set attention = $1 where vendor = 'alana'`, ['Paste the current key.'])

  it('notices that the tool refuses its key, and leaves what is being typed alone, also while the server is away', async () => {
    await tools.app.connect('alana')
    const { page, app } = await tools.open('/app/vendors/alana')
    const field = app.getByLabel('API key')
    await field.pressSequentially('ak_half')
    let lost = 0
    await page.route(/_data=/, route => {
      lost++
      return route.abort()
    })
    await expect.poll(() => lost, { timeout: 40_000 }).toBeGreaterThan(0)
    await page.unroute(/_data=/)
    await refuse()
    await app.getByText('Paste the current key.').waitFor({ timeout: 40_000 })
    await app.getByText('Needs attention', { exact: true }).waitFor()
    expect(await field.inputValue()).toBe('ak_half')
    expect(await field.evaluate(each => each === document.activeElement)).toBe(true)
    expect(await violations(page)).toEqual([])
    await leave(page)
  }, 120_000)

  it('of all tools notices it as well', async () => {
    await tools.app.connect('alana')
    const { page, app } = await tools.open('/app/vendors')
    await app.getByRole('heading', { name: 'Alana' }).waitFor()
    await refuse()
    await app.getByText('Paste the current key.').waitFor({ timeout: 40_000 })
    await leave(page)
  }, 60_000)
})

describe('a tool that refused its key', () => {
  it.each([1280, 390])('is tested again beside the key at %i pixels, and asked nothing else', async width => {
    await tools.app.connect('ecomail')
    await pool().query("update connections set attention = 'Paste the current key.'")
    const before = tools.app.vendors.inbox('ecomail').length
    const { page, app } = await tools.open('/app/vendors/ecomail', { width })
    const again = app.getByRole('button', { name: 'Test connection' })
    const [button, key] = [await again.boundingBox(), await app.getByLabel('API key').boundingBox()]
    expect((button?.y ?? 0) - (key?.y ?? 0)).toBeLessThan(400)
    await again.click()
    await page.locator('#toast').getByText('The connection to Ecomail works').waitFor()
    await app.getByText('Events go to Ecomail as they happen.').waitFor()
    expect(tools.app.vendors.inbox('ecomail')).toHaveLength(before + 1)
    expect(await sideways(page)).toBe(0)
    await leave(page)
  })
})

describe('a key that was pasted into a tool that is not connected', () => {
  it('is asked for before the page is left, and the save bar connects with it', async () => {
    const { page, app } = await tools.open('/app/vendors/alana')
    await app.getByLabel('API key').fill('ak_wrong_0000')
    await page.getByRole('button', { name: 'Discard' }).waitFor()
    await page.locator('nav').getByText('Activity').click()
    await page.getByRole('dialog').getByRole('button', { name: 'Stay' }).click()
    expect(await app.getByLabel('API key').inputValue()).toBe('ak_wrong_0000')
    await app.getByLabel('API key').fill(SETTINGS.alana.apiKey)
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await app.getByText('Events go to Alana as they happen.').waitFor()
    await leave(page)
  })
})

describe('the keyboard', () => {
  it('is back at what opened the question once it is answered with Escape', async () => {
    await tools.app.connect('alana')
    const { page, app } = await tools.open('/app/vendors/alana')
    await app.getByRole('button', { name: 'Disconnect' }).focus()
    await page.keyboard.press('Enter')
    await app.getByRole('dialog').waitFor()
    await page.keyboard.press('Escape')
    await app.getByRole('dialog').waitFor({ state: 'detached' })
    await untilFocused(page, /^Disconnect$/)
    await leave(page)
  })

  it('stays at the switch that it turned', async () => {
    await tools.app.connect('alana')
    const { page, app } = await tools.open('/app/vendors/alana')
    await app.getByRole('button', { name: 'Switch off' }).focus()
    await page.keyboard.press('Enter')
    await untilFocused(page, /^Switch on$/)
    await leave(page)
  })

  it('is not thrown out of the field in which it pressed Enter', async () => {
    await tools.app.connect('alana')
    tools.app.vendors.fail('alana', { delayMs: 1_500 })
    const { page, app } = await tools.open('/app/vendors/alana')
    await app.getByLabel('API key').fill('ak_wrong_0000')
    await page.keyboard.press('Enter')
    await app.locator('[aria-busy="true"]').first().waitFor()
    expect(await focused(frameOf(page))).toMatch(/API key/)
    await leave(page)
  })
})

describe('a tool that rests', () => {
  it('is tried by a button, and what waited is delivered', async () => {
    await tools.app.connect('alana')
    await rest()
    await made.send('orders/create')
    await expect.poll(() => tools.app.states()).toContainEqual(['order_created', 'pending', null])
    const { page, app } = await tools.open('/app/vendors/alana')
    await app.getByRole('button', { name: 'Try now' }).click()
    await page.getByText('Alana is being tried now.').waitFor()
    await app.getByText('Events go to Alana as they happen.').waitFor()
    await tools.app.idle()
    expect(await tools.app.states()).toContainEqual(['order_created', 'delivered', null])
    await leave(page)
  })

  it('is tried from the event that waits, whose story then goes on without a reload', async () => {
    await tools.app.connect('alana')
    await rest()
    await made.send('orders/create')
    await expect.poll(() => tools.app.states()).toContainEqual(['order_created', 'pending', null])
    const { rows } = await pool().query<{ id: string }>("select id from events where type = 'order_created'")
    const { page, app } = await tools.open(`/app/activity/${rows[0]?.id}`)
    await app.getByRole('button', { name: 'Try now: Alana' }).click()
    await app.getByText('Delivered', { exact: true }).first().waitFor({ timeout: 20_000 })
    await leave(page)
  })

  it('for every shop is not for one merchant to end', async () => {
    await tools.app.connect('alana')
    await rest('vendor:alana')
    const { page, app } = await tools.open('/app/vendors/alana')
    await app.getByText(/This concerns every shop/).waitFor()
    expect(await app.getByRole('button', { name: 'Try now' }).count()).toBe(0)
    await leave(page)
  })

  it('and is switched on does not say that its events go out', async () => {
    await tools.app.connect('alana')
    await pool().query('update connections set enabled = false')
    await made.send('orders/create')
    await tools.app.idle()
    await rest()
    const { page, app } = await tools.open('/app/vendors/alana')
    await app.getByRole('button', { name: 'Switch on' }).click()
    await page.getByText(/Alana is on\. What waits goes out after .* UTC\./).waitFor()
    await leave(page)
  })
})

describe('on a phone', () => {
  it('how to connect is one touch away, not below the whole form', async () => {
    const { page, app } = await tools.open('/app/vendors/alana', { width: 390 })
    await app.getByRole('button', { name: 'How to connect' }).click()
    await expect
      .poll(
        async () => (await app.getByRole('heading', { name: 'How to connect' }).boundingBox())?.y ?? 9_999,
      )
      .toBeLessThan(800)
    await leave(page)
  })
})
