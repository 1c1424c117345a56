/** A merchant has a tool that rests tried from the story of an event that waits for it. */
import { expect, it } from 'vitest'
import { merchantTools } from '../support/merchant.ts'
import { orders } from '../support/orders.ts'

const tools = merchantTools()
const made = orders(() => tools.app)
const pool = () => tools.app.test.database.pool

it('a tool that rests is tried from the event that waits, whose story then goes on without a reload', async () => {
  await tools.app.connect('alana')
  await pool().query(
    `insert into circuits (key, open_until, rest_ms, opened_at, reason)
     values ($1, now() + interval '1 hour', 3600000, now(), 'half or more of the requests of the last minute failed')`,
    [`lane:${tools.app.shopId}:alana`],
  )
  await made.send('orders/create')
  await expect.poll(() => tools.app.states()).toContainEqual(['order_created', 'pending', null])
  const { rows } = await pool().query<{ id: string }>("select id from events where type = 'order_created'")
  const { page, app } = await tools.open(`/app/activity/${rows[0]?.id}`)
  await app.getByRole('button', { name: 'Try Alana now' }).click()
  await app.getByText('Delivered', { exact: true }).first().waitFor({ timeout: 20_000 })
  await page.context().close()
})
