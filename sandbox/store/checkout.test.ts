import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Shopper, startTestStore, type TestStore } from './testing.ts'

let test: TestStore
beforeAll(async () => {
  test = await startTestStore()
})
afterAll(() => test.close())

describe('a checkout', () => {
  it.each(['', '/contact', '/pay', '/thank-you'])(
    'that nobody knows is not found, and says so: %s',
    async step => {
      const who = new Shopper(test.store.url)
      const method = step === '/contact' || step === '/pay' ? 'POST' : 'GET'
      const english = await who.send(`/checkouts/gone${step}`, { method })
      expect(english.status).toBe(404)
      expect(await english.text()).toContain('There is no checkout at this address')
      const czech = await who.send(`/cs/checkouts/gone${step}`, { method })
      expect(await czech.text()).toContain('Na této adrese není žádná pokladna')
    },
  )

  it('leads back to the cart, in its language', async () => {
    const who = new Shopper(test.store.url)
    await who.post('/cart/add.js', { id: 43012345678901 })
    const begun = (await who.send('/cs/checkout')).headers.get('location') ?? ''
    expect(await who.text(begun)).toContain('<a href="/cs/cart">Zpět do košíku</a>')
    const step = async (name: string) => (await who.send(begun + name)).headers.get('location')
    expect(await step('/thank-you')).toBe(begun)
    expect((await who.submit(`${begun}/pay`, {})).headers.get('location')).toBe(begun)
  })
})
