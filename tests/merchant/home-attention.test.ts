/** A merchant sees what to do. */
import { describe, expect, it } from 'vitest'
import { rollUpDays } from '../../app/insights/roll-up-days.ts'
import { homeTools } from '../support/home.ts'
import { frameOf, violations } from '../support/screen.ts'
import { leave } from '../support/tabs.ts'

const { tools, pool, ask, make, settled, test } = homeTools()

describe('what needs attention', () => {
  const kinds = async () => (await (await ask()).json()).attention.map(({ kind }: { kind: string }) => kind)

  it('is nothing where all is well', async () => {
    await tools.app.connect('alana')
    await settled()
    await pool().query('update shops set guide_dismissed_at = null')
    expect(await kinds()).toEqual([])
  })

  it('is not what failed on days of which the shop keeps no events any more', async () => {
    await tools.app.connect('ecomail')
    await settled()
    await make([
      { ago: 30, vendor: 'ecomail', state: 'dead', reason: 'rejected', count: 2 },
      { ago: 31, vendor: 'ecomail', state: 'dead', reason: 'rejected', count: 3 },
    ])
    const failed = async () => {
      const { attention, totals } = await (await ask({ query: '&days=90' })).json()
      const item = attention.find(({ kind }: { kind: string }) => kind === 'failed')
      return [item?.count, totals.failed]
    }
    expect(await failed()).toEqual([5, 5])
    await pool().query('update shops set retention_days = 31')
    expect(await failed()).toEqual([2, 5])
  })

  it('is what failed a moment ago, and not what was just sent again, however old the numbers by day are', async () => {
    await tools.app.connect('ecomail')
    await settled()
    await make([{ ago: 1, vendor: 'ecomail', state: 'delivered', count: 4 }])
    const failed = async () => {
      const { attention, totals } = await (await ask()).json()
      const items = attention.filter(({ kind }: { kind: string }) => kind === 'failed')
      return [items.map(({ count }: { count: number }) => count), totals.failed]
    }
    const become = (state: string) => pool().query('update deliveries set state = $1', [state])
    await become('dead')
    expect(await failed()).toEqual([[4], 0])
    await rollUpDays(pool())
    await become('delivered')
    expect(await failed()).toEqual([[], 4])
  })

  it('says of what failed how much had arrived before it was sent again', async () => {
    await tools.app.connect('ecomail')
    await settled()
    await make([{ ago: 1, vendor: 'ecomail', state: 'dead', reason: 'rejected', count: 3 }])
    await pool().query(
      `update deliveries set delivered_before = true where event_id in (select event_id from deliveries limit 2)`,
    )
    await rollUpDays(pool())
    const { page, app } = await tools.open()
    await app.getByText('3 events could not be delivered to Ecomail.').waitFor()
    await app.getByText('2 of them had arrived before, and failed when sent again').waitFor()
    await app.getByText('2 of them had been delivered before').waitFor()
    await pool().query('update deliveries set delivered_before = true')
    await page.reload()
    await app
      .getByText('3 events had been delivered to Ecomail before, and failed when sent again.')
      .waitFor()
    expect(await app.getByText('could not be delivered to Ecomail').count()).toBe(0)
    expect(await violations(page)).toEqual([])
    await leave(page)
  })

  it('says no exact number of very much that failed, which would take long to count', async () => {
    await tools.app.connect('ecomail')
    await settled()
    await make([{ ago: 1, vendor: 'ecomail', state: 'dead', reason: 'rejected', count: 1_002 }])
    const { page, app } = await tools.open()
    await app.getByText('1,000+ events could not be delivered to Ecomail.').waitFor()
    // Of those beyond, that were not looked at, nobody knows whether they had arrived.
    await pool().query('update deliveries set delivered_before = true')
    await page.reload()
    await app.getByText('1,000+ of them had arrived before, and failed when sent again').waitFor()
    expect(await app.getByText('1,000+ events could not be delivered to Ecomail.').count()).toBe(1)
    await leave(page)
  })

  it('is each thing that somebody should do, the most urgent first', async () => {
    for (const vendor of ['alana', 'ecomail', 'topmail', 'voucherify']) await tools.app.connect(vendor)
    await settled()
    // Before anything is held for it: what is held while it is on, the sweep lets go.
    await pool().query(`update connections set enabled = false where vendor = 'voucherify'`)
    await make([
      { ago: 1, vendor: 'ecomail', state: 'dead', reason: 'rejected', count: 2 },
      { ago: 1, vendor: 'voucherify', state: 'held', reason: 'off', count: 4 },
    ])
    await pool().query(`update connections set attention = 'Paste the current key.' where vendor = 'alana'`)
    await pool().query(
      `insert into circuits (key, open_until, rest_ms, opened_at, reason)
       values ($1, now() + interval '1 hour', 3600000, now(), 'it did not answer')`,
      [`lane:${tools.app.shopId}:topmail`],
    )
    await pool().query(`update shops set storefront_heard_at = now() - interval '3 days'`)
    expect(await kinds()).toEqual(['stopped', 'failed', 'rests', 'off', 'untested', 'embedSilent', 'pixel'])
    const { page, app } = await tools.open()
    await app.getByText('Nothing goes to Alana: Paste the current key.').waitFor()
    await app.getByText('2 events could not be delivered to Ecomail.').waitFor()
    await app.getByText(/is paused until .* it did not answer/).waitFor()
    await app.getByText('Voucherify is switched off, and 4 events are held for it.').waitFor()
    await app.getByText('last heard 3 days ago').waitFor()
    expect(await violations(page)).toEqual([])
    await app.getByRole('button', { name: 'Test the connection to Ecomail' }).click()
    await page.locator('#toast').getByText('The connection to Ecomail works').waitFor()
    await app.getByText('The settings of Ecomail were saved without a test').waitFor({ state: 'detached' })
    await app.getByRole('link', { name: 'Show and send again' }).click()
    await app.getByRole('heading', { name: 'Activity' }).waitFor()
    const { searchParams } = new URL(frameOf(page).url())
    expect([searchParams.get('vendor'), searchParams.get('outcome')]).toEqual(['ecomail', 'failed'])
    await leave(page)
  })

  it('is a tool on hold, with the reason on a line of its own and whom to ask, not "everything is running"', async () => {
    await tools.app.connect('alana')
    await settled()
    await pool().query(
      `update connections set hold_reason = 'Alana moves its servers', hold_since = now(), hold_until = now() + interval '1 day'`,
    )
    await make([{ ago: 0, vendor: 'alana', state: 'held', reason: 'on_hold', count: 6 }])
    const { page, app } = await tools.open()
    // No full stop ends what support wrote, and the next sentence does not run into it.
    await app.getByText('Support has put Alana on hold', { exact: true }).waitFor()
    await app.getByText('Reason: Alana moves its servers', { exact: true }).waitFor()
    await app.getByText('6 events are held for it.', { exact: true }).waitFor()
    await app.getByText(/Ask whoever runs Sluice/).waitFor()
    expect(await app.getByText('Nothing needs you').count()).toBe(0)
    // It is nobody's fault here.
    expect(await app.locator('.Polaris-Badge--toneCritical').count()).toBe(0)
    // What is held waits as well.
    expect(await app.getByText('Nothing waits.').count()).toBe(0)
    await app.getByRole('link', { name: '6 held' }).click()
    await app.getByRole('heading', { name: 'Activity' }).waitFor()
    expect(new URL(frameOf(page).url()).searchParams.get('outcome')).toBe('held')
    await leave(page)
  })

  it('is a saved key that the tool refuses, which does not look like "On"', async () => {
    await tools.app.connect('alana', { apiKey: 'ak_wrong_0000' })
    await pool().query('update shops set storefront_heard_at = now()')
    expect(await kinds()).toEqual([])
    const { page, app } = await tools.open('/app', { locale: 'de' })
    await app.getByText('Sonst ist jetzt nichts zu tun').waitFor()
    expect(await app.getByText('Alles läuft').count()).toBe(0)
    expect((await test()).status).toBe(200)
    expect(await kinds()).toEqual(['refused'])
    await page.reload()
    await app
      .getByText(/Der letzte Test von Alana ist fehlgeschlagen: Alana kennt diesen API-Schlüssel nicht/)
      .waitFor()
    expect(await app.locator('.Polaris-Badge--toneSuccess', { hasText: /^Ein$/ }).count()).toBe(0)
    await app.getByText('Test fehlgeschlagen', { exact: true }).first().waitFor()
    // What is broken stands before what was never set up.
    expect((await app.getByRole('heading', { level: 2 }).allTextContents()).slice(0, 2)).toEqual([
      'Braucht Ihre Aufmerksamkeit',
      'Bringen Sie Ihre Ereignisse in Ihre Tools',
    ])
    expect(await violations(page)).toEqual([])
    await leave(page)
  })

  it.each([1280, 390])(
    'is a key that was refused before it was saved: Home called it done: %i pixels',
    async width => {
      await pool().query('update shops set storefront_heard_at = now()')
      const { page, app } = await tools.open('/app/vendors/ecomail', { width })
      await app.getByLabel('API key').fill('wrong_key_0000')
      await app.getByRole('button', { name: 'Test connection' }).click()
      await app.getByRole('button', { name: 'Save anyway' }).click()
      await app.getByText('Ecomail: settings saved, though their test failed').waitFor()
      const saved = await (await ask()).json()
      expect([saved.attention.map(({ kind }: { kind: string }) => kind), saved.guide.done.connect]).toEqual([
        ['refused'],
        false,
      ])
      await app.getByRole('link', { name: 'Go to Home' }).click()
      await app.getByText('The last test of Ecomail failed: Ecomail does not know this API key').waitFor()
      expect(await app.getByText('Nothing else needs you now').count()).toBe(0)
      expect(await violations(page)).toEqual([])
      if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/home-refused-${width}.png` })
      await app.getByRole('link', { name: 'Correct the key of Ecomail' }).first().click()
      await expect
        .poll(() => frameOf(page).evaluate(() => document.activeElement?.getAttribute('id')))
        .toBe('set.apiKey')
      await leave(page)
    },
  )

  it('does not begin to wait anew with a release: the oldest is as old as it is', async () => {
    await tools.app.connect('alana')
    await settled()
    await pool().query(`update connections set paused_until = now() + interval '1 hour'`)
    await make([{ ago: 2, vendor: 'alana', state: 'pending', count: 1 }])
    await pool().query(`update deliveries set updated_at = now(), created_at = now() - interval '50 hours'`)
    const { page, app } = await tools.open()
    await app.getByText('1 to be sent, received 2 days ago.').waitFor()
    await app.getByText(/Alana is paused until .*, and goes on by itself\./).waitFor()
    expect(await app.getByText('Nothing needs you').count()).toBe(0)
    await pool().query('update deliveries set created_at = now()')
    await page.reload()
    await app.getByText('1 to be sent, received just now.').waitFor()
    await leave(page)
    await pool().query('delete from deliveries')
  })
})
