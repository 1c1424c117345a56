/** A merchant sees each day how it goes. */
import { describe, expect, it } from 'vitest'
import { replay } from '../../app/delivery/replay.ts'
import { rollUpDays } from '../../app/insights/roll-up-days.ts'
import { homeTools } from '../support/home.ts'
import { frameOf, violations } from '../support/screen.ts'
import { leave } from '../support/tabs.ts'

const { tools, pool, ask, make, settled } = homeTools()

describe('the daily view', () => {
  const MADE = [
    { ago: 0, vendor: 'alana', state: 'delivered', count: 3 },
    { ago: 1, vendor: 'alana', state: 'delivered', count: 12 },
    { ago: 1, vendor: 'ecomail', state: 'delivered', count: 5 },
    { ago: 6, vendor: 'ecomail', state: 'delivered', count: 1 },
    { ago: 8, vendor: 'ecomail', state: 'delivered', count: 40 },
    { ago: 2, vendor: 'ecomail', state: 'dead', reason: 'rejected', count: 1 },
    { ago: 2, vendor: 'alana', state: 'skipped', reason: 'no_consent', count: 7 },
  ]

  it('draws what stands in the table', async () => {
    await tools.app.connect('alana')
    await tools.app.connect('ecomail')
    await settled()
    await make(MADE)
    const { page, app } = await tools.open()
    const chart = app.getByRole('slider', { name: 'Delivered, by tool and day, last 7 days' })
    await chart.press('Home')
    const drawn: string[] = []
    for (let day = 0; day < 7; day++) {
      drawn.push((await chart.getAttribute('aria-valuetext')) ?? '')
      await chart.press('ArrowRight')
    }
    await app.getByRole('button', { name: 'Show as a table' }).click()
    const table = app.getByRole('table').filter({ hasText: 'Day' })
    const cellsOf = (lines: string) =>
      table
        .locator(lines)
        .evaluateAll(all =>
          all.map(line => [...line.querySelectorAll('th, td')].map(cell => cell.textContent ?? '')),
        )
    const days = await cellsOf('tbody tr')
    const [, sums] = await cellsOf('thead tr')
    // Ecomail stands first, as among the tools.
    expect(
      days
        .map(([day, ecomail, alana]) => `${day?.replace('\u00a0', ' ')}: Ecomail ${ecomail} · Alana ${alana}`)
        .toReversed(),
    ).toEqual(drawn)
    expect(sums?.slice(1)).toEqual(['6', '15', '21'])
    expect(drawn.at(-2)).toMatch(/Ecomail 5 · Alana 12$/)
    expect(await violations(page)).toEqual([])
    await app.getByRole('button', { name: '30 days' }).click()
    await table.getByText('46', { exact: true }).first().waitFor()
    await leave(page)
  })

  it('says how much was delivered of what was, or failed, and leads to the rest', async () => {
    await tools.app.connect('ecomail')
    await settled()
    await make(MADE)
    const page = await (await ask({ query: '&days=7' })).json()
    expect(page.totals).toEqual({ delivered: 21, skipped: 7, arrived: 0, failed: 1, rate: 21 / 22 })
    const { page: tab, app } = await tools.open()
    await app.getByText('95.5%').first().waitFor()
    await app.getByRole('link', { name: 'Failed: 1' }).first().click()
    await app.getByRole('heading', { name: 'Activity' }).waitFor()
    expect(new URL(frameOf(tab).url()).searchParams.get('outcome')).toBe('failed')
    await app.getByRole('link', { name: 'Search' }).first().waitFor()
    await leave(tab)
  })

  it('says of what is sent again that it was delivered, until it is known what came of it', async () => {
    await tools.app.connect('ecomail')
    await settled()
    await make([{ ago: 1, vendor: 'ecomail', state: 'delivered', count: 4 }])
    await pool().query('update connections set enabled = false')
    const totals = async () => {
      await rollUpDays(pool(), { justBegunSeconds: 0 })
      const page = await (await ask({ query: '&days=7' })).json()
      const { delivered, failed } = page.totals
      return { delivered, failed, held: page.now.held, shown: page.tools.find(isEcomail).totals.delivered }
    }
    const isEcomail = ({ id }: { id: string }) => id === 'ecomail'
    expect(await totals()).toEqual({ delivered: 4, failed: 0, held: 0, shown: 4 })
    await replay(pool(), { shopId: tools.app.shopId, states: ['delivered'] })
    expect(await totals()).toEqual({ delivered: 4, failed: 0, held: 4, shown: 4 })
    const answered = (state: string, reason: string | null) =>
      pool().query(
        `update deliveries set state = $1, reason = $2, updated_at = now() where event_id = (
           select event_id from deliveries where state = 'held' order by 1 limit 1)`,
        [state, reason],
      )
    await answered('delivered', null)
    await answered('dead', 'rejected')
    expect(await totals()).toEqual({ delivered: 3, failed: 1, held: 2, shown: 3 })
  })

  it('does not say "nothing waits" of what waits for its visitor, nor that it is to be sent', async () => {
    await tools.app.connect('ecomail')
    await settled()
    await make([{ ago: 0, vendor: 'ecomail', state: 'waiting', reason: 'no_email', count: 3 }])
    const { page, app } = await tools.open()
    await app.getByText('3 wait for their visitors to become known, for 24 h at most.').waitFor()
    expect(await app.getByText('Nothing waits.').count()).toBe(0)
    expect(await app.getByText('to be sent').count()).toBe(0)
    const list = await tools.open('/app/vendors')
    await list.app.getByText('3 wait for their visitors to become known', { exact: true }).waitFor()
    expect(await list.app.getByText('3 to be sent').count()).toBe(0)
    await leave(list.page)
    await leave(page)
  })

  it('says that deliveries are counted, and the list behind a number says how many it has', async () => {
    for (const vendor of ['alana', 'ecomail']) await tools.app.connect(vendor)
    await settled()
    await make([{ ago: 0, vendor: 'ecomail', state: 'skipped', reason: 'no_consent', count: 3 }])
    await pool().query(
      `insert into deliveries (shop_id, event_id, vendor, state, reason, done, due_at, created_at, updated_at)
       select shop_id, event_id, 'alana', state, reason, done, due_at, created_at, updated_at from deliveries`,
    )
    await rollUpDays(pool(), { justBegunSeconds: 0 })
    const { page, app } = await tools.open()
    await app
      .getByText(/an event that goes to three tools counts three times\. Delivered, failed and .* as of/)
      .waitFor()
    await app.getByRole('link', { name: 'Skipped: 6' }).click()
    await app.getByText('Events: 3. Deliveries found: 6;').waitFor()
    await leave(page)
  })

  it('does not show zeros of the first event that arrived before it is counted', async () => {
    await tools.app.connect('alana')
    await make([{ ago: 0, vendor: 'alana', state: 'delivered', count: 1 }])
    await pool().query('delete from delivery_days')
    const { page, app } = await tools.open()
    await app.getByText('The first numbers are there within a minute.').nth(1).waitFor()
    expect(await app.getByText('Nothing was delivered').count()).toBe(0)
    await pool().query('update deliveries set updated_at = now()')
    await rollUpDays(pool(), { justBegunSeconds: 0 })
    // The page finds out by itself.
    await app.getByRole('link', { name: 'Alana, Delivered: 1' }).waitFor()
    expect(await app.getByText('The first numbers are there').count()).toBe(0)
    await leave(page)
  })

  it('of another period, or of none that there is, has its days', async () => {
    for (const [asked, days] of [
      ['90', 90],
      ['30', 30],
      ['8', 7],
      ['x', 7],
    ] as const)
      expect((await (await ask({ query: `&days=${asked}` })).json()).days).toHaveLength(days)
  })
})
