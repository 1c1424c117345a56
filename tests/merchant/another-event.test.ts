/** From an event's page to that of another, by the link to what was sent in its place. */
import { expect, it } from 'vitest'
import { activityTools, address } from '../support/activity.ts'
import { leave } from '../support/tabs.ts'

const activity = activityTools()
const { tools } = activity

it('the page of what was sent instead kept the order, and what was unfolded, of the one that led there', async () => {
  const { pool } = tools.app.test.database
  const { rows } = await pool.query<{ id: string }>(
    `update events set subject = (select subject from events where id = $1), version = version + interval '1 hour'
     where data #>> '{order,name}' = '#1002' and type = 'order_created' returning id`,
    [activity.eventId],
  )
  const end = (vendor: string, state: string, reason: string) =>
    pool.query('update deliveries set state = $3, reason = $4 where event_id = $1 and vendor = $2', [
      ...[activity.eventId, vendor],
      ...[state, reason],
    ])
  await end('alana', 'skipped', 'superseded')
  await end('voucherify', 'dead', 'gave_up')
  const { page, app } = await tools.open(`/app/activity/${activity.eventId}`)
  const tool = app.getByRole('heading', { level: 3, name: /^(Alana|Voucherify)$/ })
  await tool.first().waitFor()
  // What failed comes first.
  expect(await tool.allTextContents()).toEqual(['Voucherify', 'Alana'])
  await app.getByRole('link', { name: 'See the event that was sent instead' }).click()
  await expect.poll(() => address(page).pathname).toBe(`/app/activity/${rows[0]?.id}`)
  await app.getByText(/#1002/).first().waitFor()
  expect(await tool.allTextContents()).toEqual(['Alana', 'Voucherify'])
  await leave(page)
})
