/** Finding an event by the command line, whether a vendor is told of it or not. */
import { beforeEach, describe, expect, it } from 'vitest'
import { steps } from '../identity/steps.ts'
import { SHOP } from '../support/app.ts'
import { runCommand } from '../support/command-line.ts'
import { freshApp } from '../support/fresh-app.ts'

const { app, order } = freshApp()
let shopper: ReturnType<typeof steps>

const json = async (...args: string[]) => JSON.parse((await runCommand(app, ['--json', ...args])).out)
const text = (...args: string[]) => runCommand(app, args)

beforeEach(async () => {
  shopper = steps(app)
})

describe('the events of a shop', () => {
  it('are listed though no vendor is told of them, with the id by which they are explained', async () => {
    await shopper.view()
    expect(await json('deliveries', SHOP)).toEqual([])
    const [event] = await json('events', SHOP)
    expect(event).toMatchObject({
      ...{ type: 'product_viewed', source: 'storefront', visitorId: 'visitor-1', deliveries: [] },
    })
    expect((await text('explain', SHOP, event.eventId)).out).toContain('product_viewed')
    expect((await text('events', SHOP)).out).toMatch(
      new RegExp(`^${event.eventId} +product_viewed +\\S+Z +storefront +visitor-1 +none$`, 'm'),
    )
  })

  it('are the newest first, with what became of them at each vendor', async () => {
    await shopper.view()
    await app.connect('ecomail')
    await shopper.view({ visitor: 'visitor-2' })
    await shopper.becomes('ecomail', ['waiting'])
    const { out } = await text('events', SHOP)
    expect(
      out
        .trim()
        .split('\n')
        .map(line => line.replace(/^\S+ +(\S+) .* {2}/, '$1: ')),
    ).toEqual([
      expect.stringContaining('DELIVERIES'),
      'product_viewed: ecomail waiting',
      'product_viewed: none',
    ])
  })

  it('are those asked for: of a type, of a visitor, since a time, so many', async () => {
    for (const visitor of ['visitor-1', 'visitor-2', 'visitor-2']) await shopper.view({ visitor })
    await order.send('orders/create')
    const listed = async (...filter: string[]) =>
      (await json('events', SHOP, ...filter)).map(
        ({ type, visitorId }: { type: string; visitorId: string | null }) => `${type} ${visitorId}`,
      )
    const [one, two] = ['product_viewed visitor-1', 'product_viewed visitor-2']
    expect(await listed('--type', 'product_viewed')).toEqual([two, two, one])
    expect(await listed('--visitor', 'visitor-1')).toEqual([one])
    expect(await listed('--type', 'order_created')).toEqual(['order_created null'])
    expect(await listed('--limit', '2')).toEqual(['order_created null', two])
    expect(await listed('--since', '1h')).toHaveLength(4)
    expect(await listed('--since', '2099-01-01')).toEqual([])
    expect((await text('events', SHOP, '--since', '2099-01-01')).out).toContain('No events match.')
  }, 60_000)

  it('are not listed by a type or a number that cannot be, nor of a shop that is not there', async () => {
    for (const wrong of [
      ['--type', 'views'],
      ['--limit', '0'],
      ['--since', 'then'],
    ])
      expect(await text('events', SHOP, ...wrong)).toMatchObject({ code: 1 })
    expect((await text('events', 'none.myshopify.com')).err).toContain('There is no shop')
  })
})
