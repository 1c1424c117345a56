/** A merchant sends again what a filter finds, or one event to one tool. */
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { keepDelivery } from '../../app/delivery/testing.ts'
import { NOBODY } from '../../app/events/store-event.ts'
import { writeAudit } from '../../app/support/audit.ts'
import { activityTools, address, data, LIST } from '../support/activity.ts'
import { SHOP } from '../support/app.ts'
import { sideways, violations } from '../support/screen.ts'
import { leave } from '../support/tabs.ts'

const activity = activityTools()
const { tools, ask } = activity
const OTHER = 'other-shop.myshopify.com'
const DETAIL = 'routes/app.activity.$event'

/** The first step is done, and its answer does not come. @returns how many were lost so */
async function losesFirstStep(page: Page): Promise<() => number> {
  let lost = 0
  await page.route('**/app/activity?**', async route => {
    if (lost > 0 || !route.request().postData()?.includes('step')) return route.continue()
    lost++
    await route.fetch()
    return route.abort()
  })
  return () => lost
}

describe('sending again', () => {
  it('of one delivery asks first, and sends it to that vendor once more', async () => {
    const before = tools.app.sentTo('alana').length
    const others = tools.app.sentTo('voucherify').length
    const { page, app } = await tools.open(`/app/activity/${activity.eventId}`)
    await app.getByRole('button', { name: 'Send again to Alana' }).click()
    expect(await app.getByText('Alana gets this event once more').count()).toBe(1)
    expect(await violations(page)).toEqual([])
    await app.getByRole('button', { name: 'Send again', exact: true }).last().click()
    await page.getByText('It is on its way again.').waitFor()
    await tools.app.idle()
    expect(tools.app.sentTo('alana')).toHaveLength(before + 1)
    expect(tools.app.sentTo('voucherify')).toHaveLength(others)
    await page.goto(tools.frame.address(SHOP, '/app/activity/replays'))
    await app.getByText('One event: Order placed · #1001', { exact: true }).waitFor()
    await app.getByText('1 delivery: 1 delivered', { exact: true }).waitFor()
    expect(await violations(page)).toEqual([])
    await app.getByRole('list').filter({ hasText: 'By you' }).getByRole('link').first().click()
    await expect.poll(() => address(page).pathname).toBe(`/app/activity/${activity.eventId}`)
    await leave(page)
  })

  it('of what had arrived does not look as if it never had', async () => {
    const badges: [string, string | null, string][] = [
      ['retry', 'transient', 'Delivered, being sent again'],
      ['held', 'off', 'Delivered, sending again is held'],
      ['dead', 'rejected', 'Delivered before, failed when sent again'],
      ['delivered', null, 'Delivered'],
    ]
    const { pool } = tools.app.test.database
    for (const [state, reason, badge] of badges) {
      // What is held in a lane that may send is released by the sweep, whenever it comes.
      await pool.query(`update connections set enabled = $1 where vendor = 'alana'`, [state !== 'held'])
      await pool.query(
        `update deliveries set state = $1, reason = $2, replay = true, delivered_before = true, due_at = now() + interval '1 hour'
         where event_id = $3 and vendor = 'alana'`,
        [state, reason, activity.eventId],
      )
      const { page, app } = await tools.open(`/app/activity/${activity.eventId}`)
      await app.getByText(badge, { exact: true }).first().waitFor()
      await page.goto(tools.frame.address(SHOP, '/app/activity'))
      await app.getByText(`Alana: ${badge}`).first().waitFor()
      if (state === 'dead') {
        await page.goto(tools.frame.address(SHOP, '/app/activity?vendor=alana&outcome=failed'))
        await app.getByRole('button', { name: 'Send again…' }).click()
        await app.getByText('1 of them had arrived before.').waitFor()
        expect(await violations(page)).toEqual([])
      }
      await leave(page)
    }
  })

  it('of what a filter finds says how many first, and how many were sent', async () => {
    const before = tools.app.sentTo('voucherify').length
    const { page, app } = await tools.open(
      '/app/activity?vendor=voucherify&outcome=delivered&type=order_created',
    )
    await app.getByRole('button', { name: 'Send again…' }).click()
    await app.getByText('Voucherify: 2 deliveries').waitFor()
    expect(tools.app.sentTo('voucherify')).toHaveLength(before)
    expect(await violations(page)).toEqual([])
    await app.getByRole('button', { name: 'Send 2 again' }).click()
    await app.getByText('2 deliveries were sent again:').waitFor()
    await tools.app.idle()
    expect(tools.app.sentTo('voucherify')).toHaveLength(before + 2)
    await leave(page)
  })

  it('names the filters it goes by, not those that are typed and not applied', async () => {
    const { page, app } = await tools.open('/app/activity')
    const dialog = app.getByRole('dialog')
    await app.getByRole('button', { name: 'Filters' }).click()
    await app.getByLabel('Order number').fill('1002')
    await app.getByRole('button', { name: 'Send again…' }).click()
    await dialog.getByText('No filter: all events.').waitFor()
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    await dialog.waitFor({ state: 'detached' })
    await app.getByRole('button', { name: 'Find' }).click()
    await app.getByRole('link', { name: 'Remove filter: Order number: 1002' }).waitFor()
    await app.getByRole('button', { name: 'Send again…' }).click()
    await dialog.locator('.Polaris-Badge', { hasText: '1002' }).waitFor()
    expect(await dialog.getByText('No filter: all events.').count()).toBe(0)
    expect(await violations(page)).toEqual([])
    await leave(page)
  })

  it('tells how many were sent also when the answer to the first request was lost', async () => {
    const before = tools.app.sentTo('voucherify').length
    const { page, app } = await tools.open(
      '/app/activity?vendor=voucherify&outcome=delivered&type=order_created',
    )
    await app.getByRole('button', { name: 'Send again…' }).click()
    const send = app.getByRole('button', { name: 'Send 2 again' })
    await send.waitFor()
    const lost = await losesFirstStep(page)
    await send.click()
    await app.getByRole('button', { name: 'Go on' }).click()
    expect(lost()).toBe(1)
    await app.getByText('2 deliveries were sent again:').waitFor()
    await app.getByText('2 delivered', { exact: true }).waitFor()
    await tools.app.idle()
    expect(tools.app.sentTo('voucherify')).toHaveLength(before + 2)
    await leave(page)
  })

  it('leads to what was sent, though the answer was lost and the dialog closed', async () => {
    const { page, app } = await tools.open(
      '/app/activity?vendor=voucherify&outcome=delivered&type=order_created',
    )
    await app.getByRole('button', { name: 'Send again…' }).click()
    const send = app.getByRole('button', { name: 'Send 2 again' })
    await send.waitFor()
    await losesFirstStep(page)
    await send.click()
    await app.getByRole('button', { name: 'Go on' }).waitFor()
    await app.getByRole('button', { name: 'Stop', exact: true }).click()
    await app.getByText(/^Sending again began on .* and was stopped on the way\.$/).waitFor()
    await app.getByRole('link', { name: 'See what became of them' }).click()
    for (const order of [/#1001/, /#1002/]) await app.getByRole('link', { name: order }).waitFor()
    await tools.app.idle()
    await leave(page)
  })

  it('of what a filter finds leads to what became of it, and says first what is left to a newer state again', async () => {
    const { pool } = tools.app.server.services
    const set = `update deliveries set state = 'skipped', reason = 'superseded'`
    await pool.query(`${set} where event_id = $1 and vendor = 'voucherify'`, [activity.eventId])
    const { page, app } = await tools.open(
      '/app/activity?vendor=voucherify&outcome=skipped&reason=superseded',
    )
    await app.getByRole('button', { name: 'Send again…' }).click()
    await app.getByText('1 of them was skipped and left to a newer state.').waitFor()
    expect(await violations(page)).toEqual([])
    await app.getByRole('button', { name: 'Send 1 again' }).click()
    await app.getByText('1 delivery was sent again:').waitFor()
    await app.getByText('1 delivered', { exact: true }).waitFor()
    expect(await app.getByText('You can close this.').count()).toBe(0)
    expect(await violations(page)).toEqual([])
    await app.getByRole('link', { name: 'See what became of them' }).click()
    await app.getByRole('dialog').waitFor({ state: 'detached' })
    await app.getByText(/^Sent again on /).waitFor()
    await app.getByRole('link', { name: /#1001/ }).waitFor()
    expect(await app.getByRole('link', { name: /#1002/ }).count()).toBe(0)
    const [only, ...others] = address(page).searchParams.keys()
    expect([only, others]).toEqual(['replay', []])
    await leave(page)
  })

  it.each([1280, 390])('at %i pixels says first what would be skipped again, and why', async width => {
    const { pool } = tools.app.server.services
    const { rows } = await pool.query<{ id: number }>('select id from shops where domain = $1', [SHOP])
    const shopId = rows[0]?.id ?? 0
    const actor = { ...NOBODY, visitorId: 'refused', consent: { analytics: false, marketing: false } }
    const skipped = { vendor: 'alana', state: 'skipped', reason: 'no_consent' } as const
    const id = await keepDelivery(pool, shopId, skipped, { actor })
    const { page, app } = await tools.open('/app/activity?vendor=alana&outcome=skipped', { width })
    await app.getByRole('button', { name: 'Send again…' }).click()
    await app.getByText('Alana: 1 would be skipped: No consent (1)').waitFor()
    await app.getByText('Sending again does not change these reasons.').waitFor()
    expect(await violations(page)).toEqual([])
    expect(await sideways(page)).toBe(0)
    await app.getByRole('button', { name: 'Send 1 again' }).click()
    await app.getByText('1 skipped again', { exact: true }).waitFor()
    await leave(page)
    const one = await tools.open(`/app/activity/${id}`, { width })
    await one.app.getByRole('button', { name: 'Send again to Alana' }).click()
    await one.app.getByText('It would be skipped again for Alana: No consent.').waitFor()
    await leave(one.page)
    await pool.query('delete from deliveries where event_id = $1', [id])
    await pool.query('delete from events where id = $1', [id])
  })

  it('of what a filter finds leads to what became of it after its dialog is closed, too', async () => {
    const { page, app } = await tools.open(
      '/app/activity?vendor=voucherify&outcome=delivered&type=order_created',
      { width: 390 },
    )
    await app.getByRole('button', { name: 'Send again…' }).click()
    await app.getByRole('button', { name: /^Send \d again$/ }).click()
    await app.getByText(/deliver(y was|ies were) sent again:/).waitFor()
    await app.getByRole('button', { name: 'Close', exact: true }).last().click()
    await app.getByRole('dialog').waitFor({ state: 'detached' })
    await app.getByText(/^Sent again on .*: \d$/).waitFor()
    expect(await violations(page)).toEqual([])
    expect(await sideways(page)).toBe(0)
    const link = app.getByRole('link', { name: 'See what became of them' })
    await link.click()
    await link.waitFor({ state: 'detached' })
    expect([...address(page).searchParams.keys()]).toEqual(['replay'])
    await leave(page)
  })

  it('leaves the list alone while one looks at what it would come to, and shows what it came to', async () => {
    const { page, app } = await tools.open('/app/activity?vendor=alana&outcome=delivered')
    await app.getByRole('link', { name: /#1001/ }).waitFor()
    const loads: string[] = []
    page.on('request', request => {
      if (request.method() === 'GET' && request.url().includes('_data=')) loads.push(request.url())
    })
    await app.getByRole('button', { name: 'Send again…' }).click()
    const send = app.getByRole('button', { name: /^Send \d again$/ })
    await send.waitFor()
    await app.getByLabel('Which deliveries').selectOption('skipped')
    await app.getByText('Nothing matches: nothing would be sent again.').waitFor()
    await app.getByLabel('Which deliveries').selectOption('delivered')
    await send.waitFor()
    expect(loads).toEqual([])
    await send.click()
    await app.getByText(/deliver(y was|ies were) sent again:/).waitFor()
    await expect.poll(() => loads.length).toBeGreaterThan(0)
    await leave(page)
  })

  it('goes no further than the order or the person that is asked for', async () => {
    const form = { intent: 'count', which: 'delivered', order: '#1001', vendor: 'voucherify' }
    const answer = await ask(data('/app/activity?index', LIST), { form })
    expect((await answer.json()).counted).toMatchObject({
      counts: [
        {
          vendor: 'Voucherify',
          count: 1,
          superseded: 0,
          arrived: 0,
          held: false,
          foreseen: { looked: 1, reasons: [] },
        },
      ],
    })
  })

  it.each<Record<string, string>>([
    { intent: 'nonsense' },
    {},
    { intent: 'count', which: 'held' },
    { intent: 'step', which: 'failed', from: 'x', lane: 'alana', at: 'now' },
  ])('does nothing for a form that is none of ours: %j', async form => {
    expect((await ask(data('/app/activity?index', LIST), { form })).status).toBe(400)
  })
})

describe('what was sent again', () => {
  it.each([1280, 390])('is found again at %i pixels, and leads to its deliveries', async width => {
    const form = { which: 'delivered', vendor: 'alana', type: 'order_created' }
    const count = await ask(data('/app/activity?index', LIST), { form: { ...form, intent: 'count' } })
    const { id, before: at } = (await count.json()).counted.start
    await ask(data('/app/activity?index', LIST), { form: { ...form, intent: 'step', id, at } })
    await tools.app.idle()
    const { page, app } = await tools.open('/app/activity', { width })
    const link = app.getByRole('link', { name: 'What was sent again' })
    if (width < 500) await app.locator('.Polaris-Page-Header__RightAlign .Polaris-Button').first().click()
    await link.click()
    await app.getByRole('heading', { name: 'What was sent again', level: 1 }).waitFor()
    const first = app.getByRole('list').filter({ hasText: 'By you' }).getByRole('listitem').first()
    for (const told of [
      'By you',
      'Tool: Alana',
      'Event: Order placed',
      'Outcome: Delivered',
      '2 deliveries: 2 delivered',
    ])
      await first.getByText(told, { exact: true }).waitFor()
    expect(await violations(page)).toEqual([])
    expect(await sideways(page)).toBe(0)
    await first.getByRole('link').click()
    await app.getByRole('link', { name: /^Remove filter: Sent again on / }).waitFor()
    expect(address(page).search).toBe(`?replay=${id}`)
    expect(await app.getByRole('link', { name: /#100/ }).count()).toBe(2)
    await leave(page)
  })

  it('says once it is opened what was sent, to which tool, by whom and why', async () => {
    const pool = tools.app.test.database.pool
    const { rows } = await pool.query<{ id: string }>('select id from replays order by id desc limit 1')
    const id = rows[0]?.id ?? ''
    await pool.query("update replays set sent_by = 'staff' where id = $1", [id])
    await writeAudit(pool, { actor: 'jane@example.com', role: 'agent', address: null }, [
      {
        action: 'replay',
        shop: SHOP,
        vendor: 'alana',
        reason: 'Alana had lost them.',
        after: { replay: id },
      },
    ])
    for (const width of [1280, 390]) {
      const { page, app } = await tools.open(`/app/activity?replay=${id}`, { width })
      await app.getByRole('heading', { name: /^2 deliveries to Alana, sent again on \w+ \d+/ }).waitFor()
      for (const told of ['By support', 'Event: Order placed', 'Reason: Alana had lost them.'])
        await app.getByText(told, { exact: true }).first().waitFor()
      expect(await app.getByText('jane@example.com').count()).toBe(0)
      expect(await violations(page)).toEqual([])
      expect(await sideways(page)).toBe(0)
      await leave(page)
    }
    const { page, app } = await tools.open(`/app/activity?replay=${id}`, { shop: OTHER })
    await app.getByRole('heading', { name: 'Activity', level: 1 }).waitFor()
    expect(await app.getByText('Alana had lost them.').count()).toBe(0)
    await leave(page)
  })

  it('is none in a shop that has sent nothing again by a filter, which is all that is said', async () => {
    const { page, app } = await tools.open('/app/activity/replays', { shop: OTHER })
    await app.getByText('Nothing is listed here').waitFor()
    await leave(page)
  })
})

describe('another shop', () => {
  it('sends nothing of this one again', async () => {
    const before = tools.app.sentTo('alana').length
    const one = await ask(data(`/app/activity/${activity.eventId}`, DETAIL), {
      shop: OTHER,
      form: { intent: 'replay', vendor: 'alana' },
    })
    expect(await one.json()).toEqual({ kind: 'replayed', count: 0, held: 0 })
    const chosen = { which: 'delivered', vendor: 'alana' }
    const counted = await ask(data('/app/activity?index', LIST), {
      shop: OTHER,
      form: { intent: 'count', ...chosen },
    })
    expect(await counted.json()).toMatchObject({ counted: { counts: [] } })
    const place = {
      lane: 'alana',
      from: '00000000-0000-0000-0000-000000000000',
      at: new Date().toISOString(),
      id: '019a0000-0000-7000-8000-000000000001',
    }
    const stepped = await ask(data('/app/activity?index', LIST), {
      shop: OTHER,
      form: { intent: 'step', ...chosen, ...place },
    })
    expect(await stepped.json()).toEqual({
      progress: { count: 0, held: 0, next: null, total: { count: 0, held: 0 } },
    })
    await tools.app.idle()
    expect(tools.app.sentTo('alana')).toHaveLength(before)
  })
})
