import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { secretsContext } from '../../app/delivery/connections.ts'
import { takeLaneHealth } from '../../app/insights/lane-health.ts'
import { rollUpDays } from '../../app/insights/roll-up-days.ts'
import { MOST_FOUND } from '../../app/insights/shop-search.ts'
import { timesIn } from '../../app/ui/clock.ts'
import { consoleTools } from '../support/console.ts'
import { looksWell, violations } from '../support/look.ts'
import { leave } from '../support/tabs.ts'

const support = consoleTools({ env: { SLUICE_ROLE: 'web' } })
const pool = () => support.app.server.services.pool
const MANY = 60

/** Four shops to tell apart, and many of which nothing is to be told. */
beforeAll(async () => {
  await pool().query('delete from shops')
  await pool().query(
    `insert into shops (id, domain, name, uninstalled_at) values
     (1, 'quiet.myshopify.com', 'Quiet Candles', null), (2, 'harbour.myshopify.com', 'Harbour Lamps', null),
     (3, 'gone.myshopify.com', 'Gone Brass', now()), (4, 'empty.myshopify.com', null, null)`,
  )
  await pool().query(
    `insert into shops (id, domain) select n + 100, 'many-' || n || '.myshopify.com' from generate_series(1, $1::int) n`,
    [MANY],
  )
  await pool().query(
    `insert into connections (shop_id, vendor, settings, secrets, attention, updated_at)
     select id, vendor, '{}', 'x', case when id = 2 and vendor = 'alana' then 'Wrong key.' end, now()
     from shops, unnest(array['alana', 'voucherify']) vendor where id <> 4`,
  )
  const { sealer } = support.app.server.services
  // What is paused is not sent meanwhile, and waits for too long all the same.
  for (const vendor of ['alana', 'voucherify'])
    await pool().query(
      "update connections set secrets = $1, paused_until = now() + interval '1 day' where shop_id = 2 and vendor = $2",
      [sealer.seal('{}', secretsContext(2, vendor)), vendor],
    )
  await pool().query(
    `insert into events (shop_id, id, type, source, dedupe_key, occurred_at, received_at, consent, data)
     select shop_id, uuidv7(), 'order_created', 'webhook', 'one', now(), now(), '{}', '{"order": {"name": "#1001"}}'
     from unnest(array[1, 2]) shop_id`,
  )
  await pool().query(
    `insert into deliveries (shop_id, event_id, vendor, state, done, due_at, created_at, updated_at)
     select shop_id, id, vendor, case vendor when 'alana' then 'held' else 'pending' end, '{}', now(), now() - interval '3 hours', now() - interval '2 hours'
     from events, unnest(array['alana', 'voucherify']) vendor where shop_id = 2`,
  )
  await rollUpDays(pool(), { justBegunSeconds: 0 })
  await takeLaneHealth(pool(), { opens: () => true, lateAfterMinutes: 60 })
})

/** The text of each row of the table that begins a shop. */
async function shopsOn(page: Page): Promise<string[]> {
  return page.locator('.shops-wide th[scope=rowgroup] a:not([href*=activity])').allTextContents()
}

describe('the page of all shops', () => {
  it('shows the worst first, with each vendor, in words', async () => {
    const page = await support.open('viewer')
    await page.getByRole('heading', { name: 'Shops', level: 1 }).waitFor()
    expect((await shopsOn(page))[0]).toBe('harbour.myshopify.com')
    const rows = await page.locator('.shops-wide tbody').first().getByRole('row').allTextContents()
    expect(rows.map(row => row.replace(/\s+/g, ' '))).toEqual([
      expect.stringMatching(/Harbour Lamps.*Alana.*Needs attention0–13 hours ago00$/),
      expect.stringMatching(/Voucherify.*Late13 hours ago0–00$/),
    ])
    expect(await page.getByText(/^As of .* UTC, \d+ \w+ ago\.$/).count()).toBe(1)
    expect(await page.title()).toContain('Shops')
    await leave(page)
  })

  it('has one word and one tone for a state on every page, and says what it means', async () => {
    const page = await support.open('viewer')
    await page.getByText('What the states mean').click()
    await page.getByText('its credentials cannot be opened with the keys there are.').waitFor()
    expect(await violations(page.mainFrame())).toEqual([])
    const tones = { Late: 'toneWarning', 'Needs attention': 'toneCritical' }
    for (const path of ['/support', '/support/shops/harbour.myshopify.com', '/support/fleet']) {
      await page.goto(`${support.app.url}${path}`)
      for (const [word, tone] of Object.entries(tones)) {
        const badge = page.locator(`.Polaris-Badge:has-text("${word}")`).first()
        expect([path, await badge.getAttribute('class')]).toEqual([path, expect.stringContaining(tone)])
      }
    }
    await leave(page)
  }, 60_000)

  it('turns pages, to the shops without a vendor', async () => {
    const page = await support.open('viewer')
    const seen = await shopsOn(page)
    await page.getByRole('link', { name: 'Next' }).or(page.getByLabel('Next')).first().click()
    await page.waitForURL('**after=**')
    await page.getByText('No vendor connected').first().waitFor()
    const all = [...seen, ...(await shopsOn(page))]
    expect(new Set(all).size).toBe(MANY + 4)
    expect(all).toHaveLength(MANY + 4)
    expect(all.at(-1)).toBe('empty.myshopify.com')
    await leave(page)
  })

  it.each([
    ['harb', ['harbour.myshopify.com']],
    ['quiet.my', ['quiet.myshopify.com']],
    ['quiet.myshopify.com', ['quiet.myshopify.com']],
    ['brass', ['gone.myshopify.com']],
    ['1001', ['harbour.myshopify.com', 'quiet.myshopify.com']],
    ['empty', ['empty.myshopify.com']],
  ])('finds "%s" with the keyboard alone', async (text, expected) => {
    const page = await support.open('viewer')
    await page.getByLabel('Domain, name, order number or vendor').focus()
    await page.keyboard.type(text)
    await page.keyboard.press('Enter')
    await page.waitForURL(`**text=${text}*`)
    await page.waitForFunction(
      count => document.querySelectorAll('.shops-wide tbody').length === count,
      expected.length,
    )
    expect(await shopsOn(page)).toEqual(expected)
    expect(await page.locator('.shops-wide').getByText('Has this order').count()).toBe(
      text === '1001' ? 2 : 0,
    )
    await leave(page)
  })

  it('a person’s e-mail went into an address, and found no shop without saying how a person is found', async () => {
    const page = await support.open('viewer')
    const asked: string[] = []
    page.on('request', request => asked.push(decodeURIComponent(request.url())))
    await page.getByLabel('Domain, name, order number or vendor').fill('jana@example.com')
    await page.getByRole('button', { name: 'Search' }).click()
    await page.getByRole('heading', { name: 'Which shop is the person’s?' }).waitFor()
    expect(asked.filter(each => each.includes('jana'))).toEqual([])
    expect(await violations(page.mainFrame())).toEqual([])
    // As a bookmark has it, or a page whose scripts are not there yet.
    await page.goto(`${support.app.url}/support?text=jana%40example.com`)
    await page.getByRole('heading', { name: 'Which shop is the person’s?' }).waitFor()
    expect(page.url()).not.toContain('jana')
    await leave(page)
  })

  it('filters by vendor and state, sorts, and says when nothing matches', async () => {
    const page = await support.open('viewer', '/support?vendor=voucherify&state=late&sort=oldest')
    expect(await shopsOn(page)).toEqual(['harbour.myshopify.com'])
    await page.getByLabel('State').selectOption('failing')
    await page.getByRole('button', { name: 'Search' }).click()
    await page.getByRole('heading', { name: 'No shop matches' }).waitFor()
    expect(await violations(page.mainFrame())).toEqual([])
    await page.getByRole('link', { name: 'Clear' }).first().click()
    await page.waitForURL('**/support')
    await leave(page)
  })

  it.each(['myshopify', '.com', '.myshopify.com'])('says of "%s" that every domain has it', async text => {
    const page = await support.open('viewer', `/support?text=${text}`)
    await page.getByRole('heading', { name: 'Every shop’s domain has this in it' }).waitFor()
    await page.getByText('by the part of the domain before it').waitFor()
    await looksWell(page)
    await leave(page)
  })

  it('never says that no shop matches where more match than it has looked through', async () => {
    await pool().query(
      `insert into shops (id, domain) select n + 10000, 'big-' || n || '.myshopify.com' from generate_series(1, ${MOST_FOUND + 1}) n`,
    )
    try {
      const page = await support.open('viewer', '/support?text=big&state=late&sort=oldest')
      await page.getByText(`the order are of ${MOST_FOUND + 1} of them only`).waitFor()
      await page
        .getByRole('heading', { name: `None of the ${MOST_FOUND + 1} shops that were looked through is so` })
        .waitFor()
      expect(await page.getByText('No shop matches').count()).toBe(0)
      await looksWell(page)
      await page.getByRole('link', { name: 'The filter without the text' }).click()
      await page.waitForURL('**/support?state=late&sort=oldest')
      await expect.poll(() => shopsOn(page)).toEqual(['harbour.myshopify.com'])
      await leave(page)
    } finally {
      await pool().query("delete from shops where domain like 'big-%'")
    }
  })

  it("sorts by each column's head, both ways, within what is asked for", async () => {
    const page = await support.open('viewer', '/support?vendor=alana')
    const sorted = page.locator('.shops-wide th[aria-sort]')
    expect(await sorted.count()).toBe(0)
    const by = async (name: string, sort: string, aria: string) => {
      await page.locator('.shops-wide thead').getByRole('link', { name, exact: true }).click()
      await page.waitForURL(`**/support?vendor=alana&sort=${sort}`)
      await page.locator(`.shops-wide th[aria-sort=${aria}]`, { hasText: name }).waitFor()
      expect(await sorted.count()).toBe(1)
    }
    for (const [name, sort] of Object.entries({ Waiting: 'waiting', Held: 'held', Delivered: 'delivered' })) {
      await by(name, sort, 'descending')
      await by(name, `-${sort}`, 'ascending')
    }
    await by('Oldest waiting', 'oldest', 'ascending')
    await by('Oldest held', 'oldestHeld', 'ascending')
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/shops-1280.png` })
    await by('Failed', 'failed', 'descending')
    await by('Shop', 'domain', 'ascending')
    expect((await shopsOn(page))[0]).toBe('gone.myshopify.com')
    await by('Shop', '-domain', 'descending')
    expect((await shopsOn(page))[0]).toBe('quiet.myshopify.com')
    expect(await page.getByLabel('Sort by').inputValue()).toBe('-domain')
    expect(await violations(page.mainFrame())).toEqual([])
    await leave(page)
  })

  it('shows the shops of a vendor whose name is typed', async () => {
    const page = await support.open('viewer', '/support?text=Voucherify&state=late')
    expect(await shopsOn(page)).toEqual(['harbour.myshopify.com'])
    expect(await page.getByText('Shops with Voucherify are shown.').count()).toBe(1)
    await leave(page)
  })

  it.each([
    ['Voucher', 'Voucherify', true],
    ['vou', 'Voucherify', true],
    ['vo', 'Voucherify', false],
    ['ecom', 'Ecomail', true],
    ['harb', 'Alana', false],
  ])('finds something by a part of a tool’s name: %s', async (text, name, isShown) => {
    const page = await support.open('viewer', `/support?text=${text}`)
    await page.getByRole('heading', { name: 'Shops', level: 1 }).waitFor()
    expect(await page.getByText(`Shops with ${name} are shown.`).count()).toBe(isShown ? 1 : 0)
    const begins = name === 'Voucherify' && isShown
    expect((await shopsOn(page)).length > 0).toBe(begins || text === 'harb')
    await leave(page)
  })

  it.each([1280, 390])('is read by everybody at %d pixels', async width => {
    const page = await support.open('viewer', '/support', { width })
    const errors: string[] = []
    page.on('console', message => message.type() === 'error' && errors.push(message.text()))
    await page.reload()
    await page.getByRole('heading', { name: 'Shops', level: 1 }).waitFor()
    await looksWell(page)
    const shown = width > 1024 ? '.shops-wide' : '.shops-narrow'
    expect(await page.locator(shown).isVisible()).toBe(true)
    expect(errors).toEqual([])
    await leave(page)
  })

  it('says that its figures are old', async () => {
    const { rows } = await pool().query(
      "update rollups set seen_until = now() - interval '1 hour' where name <> 'thinned' returning name",
    )
    expect(rows.length).toBeGreaterThan(0)
    const page = await support.open('viewer')
    await page.getByText('These figures are old.').waitFor()
    await leave(page)
  })
})

it.each(["text=a%00b%25_'", 'sort=oldest&after=0~-1~1', 'after=~~', 'vendor=nobody', 'text=%23'])(
  'answers "%s"',
  async query => {
    const answer = await support.ask(await support.signedIn('viewer'), `/support?${query}`)
    expect(answer.status).toBe(200)
  },
)

it.each([1280, 390])(
  'tells of what was released when it was received, on the list, the page of the shop and of the fleet, at %d pixels',
  async width => {
    const { rows } = await pool().query<{ at: Date }>(
      "select min(created_at) as at from deliveries where state = 'pending'",
    )
    const at = timesIn('en', null).full(rows[0]?.at.toISOString() ?? '')
    const page = await support.open('viewer', '/support?text=harbour', { width })
    expect(await page.getByText('3 hours ago', { exact: true }).locator('visible=true').count()).toBe(2)
    await page.goto(`${support.app.url}/support/shops/harbour.myshopify.com`)
    await page.getByText(`${at}, 3 hours ago`, { exact: true }).first().waitFor()
    await looksWell(page)
    await page.goto(`${support.app.url}/support/fleet`)
    await page.getByText(at, { exact: true }).locator('visible=true').first().waitFor()
    await leave(page)
  },
)

describe('an event id', () => {
  const eventOf = async (shop: number) => {
    const { rows } = await pool().query<{ id: string }>('select id from events where shop_id = $1', [shop])
    return rows[0]?.id ?? ''
  }
  const asked = async (cookie: string | null, text: string) => {
    const answer = await support.ask(cookie, `/support?${new URLSearchParams({ text })}`)
    return [answer.status, answer.headers.get('location')]
  }

  it.each(['viewer', 'agent', 'admin'] as const)('leads a %s to its page', async role => {
    const id = await eventOf(2)
    const found = [302, `/support/shops/harbour.myshopify.com/events/${id}`]
    const cookie = await support.signedIn(role)
    expect(await asked(cookie, id)).toEqual(found)
    expect(await asked(cookie, ` ${id.toUpperCase()} `)).toEqual(found)
  })

  it('leads nobody anywhere but to where one signs in, whether there is such an event or not', async () => {
    for (const id of [await eventOf(2), '0199d3a4-0000-7000-8000-000000000001'])
      expect(await asked(null, id)).toEqual([302, expect.stringMatching(/^\/support\/sign-in\?/)])
  })

  it.each([1280, 390])('that no shop has is said to be none, at %d pixels', async width => {
    const nowhere = '/support?text=0199d3a4-0000-7000-8000-000000000001'
    const page = await support.open('viewer', nowhere, { width })
    await page.getByRole('heading', { name: 'No shop has an event with this id' }).waitFor()
    await looksWell(page)
    await page.goto(`${support.app.url}/support`)
    await page.getByLabel('Domain, name, order number or vendor').fill(await eventOf(1))
    await page.keyboard.press('Enter')
    await page.waitForURL('**/support/shops/quiet.myshopify.com/events/*')
    await page.getByRole('heading', { level: 1 }).waitFor()
    await leave(page)
  })
})
