/** One shop in the support console, beside what its merchant sees: held, explained, released, and all of it written down. */
import { beforeAll, describe, expect, it } from 'vitest'
import { dataAddress } from '../support/admin-routes.ts'
import { SETTINGS, SHOP } from '../support/app.ts'
import { runCommand } from '../support/command-line.ts'
import { type ConsolePeople, consoleOf, openSignedIn } from '../support/console.ts'
import { focused } from '../support/focus.ts'
import { looksWell } from '../support/look.ts'
import { merchantTools } from '../support/merchant.ts'
import { orders } from '../support/orders.ts'
import { leave } from '../support/tabs.ts'

const tools = merchantTools(async () => ({ SHOPIFY_APP_URL: 'http://127.0.0.1' }))
const made = orders(() => tools.app)
const AT = `/support/shops/${SHOP}`
const REASON = 'Voucherify counts twice today.'
let support: ConsolePeople

beforeAll(async () => {
  support = await consoleOf(tools.app)
})

const opened = (path: string, { role = 'agent' as 'viewer' | 'agent', width = 1280 } = {}) =>
  openSignedIn(tools, support, role, path, width)
const audit = async (...actions: string[]) =>
  (
    await tools.app.server.services.pool.query(
      'select actor, action, shop, vendor, subject, reason, before, after from audit_entries where action = any($1) order by id',
      [actions],
    )
  ).rows

const MEND = 'To be mended:'
/** What Voucherify said that a person must mend, each time something else. */
const changed = (times: number, said = '') =>
  tools.app.server.services.pool.query(
    `insert into connection_changes (shop_id, vendor, at, what, message)
     select shop_id, vendor, now(), 'attention', $2 || n from connections, generate_series(1, $1) n where vendor = 'voucherify'`,
    [times, `${MEND} ${said}`],
  )

describe('a vendor of one shop', () => {
  it('is held with a reason that the merchant reads, and released in order', async () => {
    await tools.app.connect('voucherify')
    const context = await tools.browser.newContext({ viewport: { width: 1280, height: 900 } })
    const page = await context.newPage()
    page.setDefaultTimeout(15_000)
    const errors: string[] = []
    page.on('pageerror', error => errors.push(error.message))
    await page.goto(`${tools.app.url}/support`)
    const { email, password } = support.people.agent
    await page.getByLabel('E-mail').fill(email)
    await page.getByLabel('Password').fill(password)
    await page.getByLabel('Code').fill(await support.freshCode(support.people.agent))
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByLabel('Domain, name, order number or vendor').fill(SHOP.slice(0, 6))
    await page.getByRole('button', { name: 'Search' }).click()
    await page.getByRole('link', { name: SHOP }).first().click()
    await page.getByText('Not held').waitFor()
    // Nobody has seen it work: it does not look as if all were well, and is called so as in the lists.
    await page.locator('.Polaris-Badge', { hasText: 'Not known to work' }).waitFor()
    expect(await page.getByText('Saved, not tested').count()).toBe(0)
    expect(await page.locator('.Polaris-Badge--toneSuccess', { hasText: /^OK$/ }).count()).toBe(0)
    // The button waits for the numbers and for a reason.
    await page.getByRole('button', { name: 'Hold Voucherify…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('Nothing is to be sent just now.').waitFor()
    const confirm = dialog.getByRole('button', { name: 'Hold Voucherify' })
    expect(await confirm.isDisabled()).toBe(true)
    await dialog.getByLabel('Reason').fill(REASON)
    await looksWell(page)
    await confirm.click()
    await page.getByText('Voucherify is on hold; nothing waits yet.').waitFor()
    // The page is long: what came of it is in sight, wherever the button was.
    await expect.poll(() => focused(page)).toContain('is on hold;')
    await page.getByText(`Reason, as the merchant reads it: ${REASON}`).waitFor()
    expect(await audit('hold')).toMatchObject([
      { actor: 'agent@example.com', shop: SHOP, vendor: 'voucherify', reason: REASON, before: null },
    ])

    const merchant = await tools.open('/app/vendors/voucherify')
    await merchant.app.getByText('Support has put Voucherify on hold').waitFor()
    await merchant.app.getByText(`Reason: ${REASON}`).waitFor()
    await leave(merchant.page)

    for (const number of [1, 2, 3]) {
      made.next()
      await made.send('orders/create', { name: `#${number}` })
    }
    await tools.app.idle()
    const states = async () => new Set((await tools.app.deliveries()).map(({ state }) => state))
    expect(await states()).toEqual(new Set(['held']))
    expect(tools.app.sentTo('voucherify')).toEqual([])

    await page.reload()
    await page.getByRole('button', { name: 'Release Voucherify…' }).click()
    await dialog
      .getByText(
        '3 held deliveries are looked at anew and go out now, in order; what consent or settings forbid, or a newer state has replaced, is skipped.',
      )
      .waitFor()
    await dialog.getByLabel('Reason').fill('They are right again.')
    await looksWell(page)
    await dialog.getByRole('button', { name: 'Release Voucherify' }).click()
    await page.getByText('Voucherify is released;').waitFor()
    await tools.app.idle()
    // Without a reload: whoever released it sees that it went out.
    await page.waitForFunction(() => /To be sent\s*0\s*Held\s*0/.test(document.body.textContent ?? ''))
    expect(await states()).toEqual(new Set(['delivered']))
    const sent = tools.app.vendors.inbox('voucherify').map(entry => JSON.stringify(entry.body))
    const placed = [1, 2, 3].map(back => sent.findIndex(body => body.includes(String(made.id - 3 + back))))
    expect(placed).not.toContain(-1)
    expect(placed).toEqual(placed.toSorted((a, b) => a - b))
    expect(await audit('release')).toMatchObject([
      {
        actor: 'agent@example.com',
        reason: 'They are right again.',
        before: { reason: REASON },
        after: { merchantReads: true },
      },
    ])
    await page.getByRole('link', { name: 'Audit' }).first().click()
    const told = page.getByRole('listitem').filter({ has: page.locator('h3') })
    await told.first().waitFor()
    expect((await told.allInnerTexts()).slice(0, 2)).toEqual([
      expect.stringContaining('They are right again.'),
      expect.stringContaining(REASON),
    ])
    expect(errors).toEqual([])
    await context.close()
  }, 120_000)

  it.each([1280, 390])(
    'shows what was set, what waits and what became of it, at %d pixels',
    async width => {
      const page = await opened(AT, { width })
      await page.getByText('History').click()
      const lines = page.getByRole('list', { name: 'History of Voucherify' })
      await lines.getByText(`On hold by support · ${REASON}`).waitFor()
      const released = lines.getByRole('listitem').filter({ hasText: 'Released' }).first()
      expect(await released.textContent()).toMatch(
        /UTC Released · They are right again\. · by agent@example\.com$/,
      )
      const shownLines = await lines.getByRole('listitem').allTextContents()
      // As each action has it done: it was added to what stood there, so that everything seemed to have happened twice.
      const revalidated = async () => {
        await page.evaluate(() => {
          const { __remixRouter } = window as unknown as { __remixRouter: { revalidate(): void } }
          __remixRouter.revalidate()
        })
        await page.waitForFunction(() => {
          type State = { revalidation: string; fetchers: Map<string, { state: string }> }
          const { state } = (window as unknown as { __remixRouter: { state: State } }).__remixRouter
          return (
            state.revalidation === 'idle' && [...state.fetchers.values()].every(each => each.state === 'idle')
          )
        })
      }
      await revalidated()
      const all = () => lines.getByRole('listitem').allTextContents()
      expect(await all()).toEqual(shownLines)
      // With more than a page of it: what was just done was not shown, and what failed and was asked for again came twice.
      await changed(60)
      await revalidated()
      await expect.poll(all).toHaveLength(50)
      const more = page.getByRole('button', { name: 'Older', exact: true })
      await more.click()
      await lines.getByText(`On hold by support · ${REASON}`).waitFor()
      const whole = await all()
      await revalidated()
      expect(await all()).toEqual(whole)
      await page.route(/\/history\?/, route => route.fulfill({ status: 500, body: '' }))
      await revalidated()
      await page.unroute(/\/history\?/)
      await page.getByRole('button', { name: 'Try again' }).click()
      await page.getByRole('button', { name: 'Try again' }).waitFor({ state: 'detached' })
      await expect.poll(all).toEqual(whole)
      await changed(1, 'Just now.')
      await revalidated()
      await expect.poll(async () => (await all())[0]).toContain('Just now.')
      await more.click()
      await expect.poll(async () => (await all()).slice(1)).toEqual(whole)
      await tools.app.server.services.pool.query('delete from connection_changes where message like $1', [
        `${MEND}%`,
      ])
      await page.getByText('Deliveries by day').click()
      expect(await page.title()).toContain(SHOP)
      await looksWell(page)
      const shown = await page.content()
      const { appToken } = SETTINGS.voucherify
      expect(shown).toContain(`…${appToken.slice(-4)}`)
      expect(shown).not.toContain(appToken)
      await leave(page)
    },
    60_000,
  )

  it.each([1280, 390])('leads to its lists by words that are seen at %d pixels', async width => {
    const page = await opened(AT, { width })
    for (const name of ['Activity', 'What was done to it'])
      expect(await page.getByRole('link', { name, exact: true }).first().isVisible()).toBe(true)
    await looksWell(page)
    await leave(page)
  })

  it.each([1280, 390])(
    'says as of when its numbers are, and announces no renewal, at %d pixels',
    async width => {
      const page = await opened(AT, { width })
      const told = page.getByText(/^As of .*\d\d:\d\d:\d\d UTC\.$/)
      const before = Date.parse((await told.getAttribute('datetime')) ?? '')
      expect(Math.abs(Date.now() - before)).toBeLessThan(60_000)
      expect(
        await page.locator('[aria-live], [role=status], [role=alert]').filter({ has: told }).count(),
      ).toBe(0)
      await looksWell(page)
      await leave(page)
    },
  )

  it('is held by keyboard alone, and refuses an end that is past', async () => {
    const page = await opened(AT)
    await page.getByRole('button', { name: 'Hold Voucherify…' }).focus()
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog')
    await dialog
      .getByText(/waits as well/)
      .first()
      .waitFor()
    await dialog.getByLabel('Reason').focus()
    await page.keyboard.type('By keyboard.')
    await dialog.getByLabel('Ends by itself (UTC)').fill('2020-01-01T10:00')
    await dialog.getByRole('button', { name: 'Hold Voucherify' }).focus()
    await page.keyboard.press('Enter')
    await dialog.getByText('This must be a time that is still to come.').waitFor()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    // Whoever works by keyboard goes on where they were.
    await page.waitForFunction(() => document.activeElement?.ariaLabel === 'Hold Voucherify…')
    expect(await audit('hold')).toHaveLength(1)
    await leave(page)
  }, 60_000)

  it('cannot be held by who only sees', async () => {
    const page = await opened(AT, { role: 'viewer' })
    expect(await page.getByRole('button', { name: /Hold/ }).count()).toBe(0)
    await leave(page)
    const url = dataAddress({ id: 'routes/support.shops.$shop', isIndex: false }, AT)
    const form = { intent: 'hold', vendor: 'voucherify', reason: 'No.', until: '' }
    const answer = await support.ask(await support.signedIn('viewer'), url, {
      method: 'POST',
      body: new URLSearchParams(form),
    })
    expect(answer.status).toBe(403)
    expect(await audit('hold')).toHaveLength(1)
  }, 60_000)

  it('is held and released from the command line with the same entries', async () => {
    const held = await runCommand(tools.app, ['vendor', 'hold', SHOP, 'voucherify', '--reason', 'From here.'])
    expect(held).toMatchObject({ code: 0 })
    await runCommand(tools.app, ['vendor', 'release', SHOP, 'voucherify', '--reason', 'Enough.'])
    const entries = (await audit('hold', 'release')).slice(-2)
    expect(entries).toMatchObject([
      { actor: expect.stringMatching(/^command line: ./), action: 'hold', reason: 'From here.' },
      { actor: expect.stringMatching(/^command line: ./), action: 'release', reason: 'Enough.' },
    ])
  }, 60_000)
})

describe('what is not there', () => {
  it.each([
    '/support/shops/nobody.myshopify.com',
    `${AT}/events/0199d3a4-0000-7000-8000-000000000001`,
    `${AT}/events/nonsense`,
  ])(
    'is said so: %s',
    async path => {
      const page = await opened(path)
      await page
        .getByText(/Nothing here|No such event/)
        .first()
        .waitFor()
      await leave(page)
    },
    60_000,
  )

  it('is said so within the console, where no page has such an address', async () => {
    const page = await opened('/support/nonsense')
    await page.getByRole('heading', { name: 'Nothing here' }).waitFor()
    await looksWell(page)
    await page.getByRole('link', { name: 'Shops', exact: true }).first().click()
    await page.getByRole('link', { name: SHOP }).first().waitFor()
    await leave(page)
  }, 60_000)

  it.each([
    ['/support/shops', '/support'],
    [`${AT}/events`, AT],
    ['/support/shops/nobody.myshopify.com/events', '/support/shops/nobody.myshopify.com'],
  ])('is looked for one step up: %s', async (path, to) => {
    const answer = await support.ask(await support.signedIn('viewer'), path)
    expect([answer.status, answer.headers.get('location')]).toEqual([302, to])
  })
})
