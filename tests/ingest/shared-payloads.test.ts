/** Real payloads, when a folder of them lies beside the checkout: each is accepted or ignored with a reason. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startApp, type TestApp } from '../support/app.ts'

const FOLDER = resolve(import.meta.dirname, '../../../shared/payloads')
const payloads = existsSync(FOLDER)
  ? readdirSync(FOLDER, { withFileTypes: true })
      .filter(entry => entry.isDirectory())
      .flatMap(topic =>
        readdirSync(join(FOLDER, topic.name)).map(file => ({
          topic: topic.name.replace('-', '/'),
          file: join(topic.name, file),
        })),
      )
  : []

describe.skipIf(payloads.length === 0)('every shared payload', () => {
  let app: TestApp
  beforeAll(async () => {
    app = await startApp()
    for (const vendor of ['ecomail', 'topmail', 'alana', 'voucherify']) await app.connect(vendor)
  })
  afterAll(() => app.close())

  it.each(payloads)('$file is accepted, or ignored with a reason', async ({ topic, file }) => {
    const answer = await app.store.webhook({ topic, payload: readFileSync(join(FOLDER, file), 'utf8') })
    expect(answer.status).toBe(200)
    expect(await answer.json()).toEqual(
      expect.toSatisfy(
        body => body.status === 'accepted' || (body.status === 'ignored' && body.reason.length > 0),
      ),
    )
  })

  it('ends as delivered or skipped at every vendor: none dead, none refused by what the pages say', async () => {
    await app.idle()
    const bad = (await app.deliveries()).filter(({ state }) => state !== 'delivered' && state !== 'skipped')
    expect(bad).toEqual([])
  })
})
