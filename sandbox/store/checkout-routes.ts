/** The checkout: contact, then paying, then the page that says thank you. */
import { type Request, type Response, Router } from 'express'
import { totalOf } from './carts.ts'
import { hundredths, variantTitle } from './catalogue.ts'
import type { Checkout } from './checkouts.ts'
import { readFields } from './form-body.ts'
import { imageObject } from './liquid-objects.ts'
import type { Page, Pages } from './pages.ts'
import { guarded } from './routes.ts'
import type { Memory } from './store.ts'
import { visitOf } from './visit.ts'

const UNKNOWN: Page = {
  type: '404',
  title: 'Page not found',
  status: 404,
  objects: { sentence: 'There is no checkout at this address: the store forgets them when it is stopped.' },
}

export function checkoutRoutes(memory: Memory, pages: Pages): Router {
  const routes = Router()
  const show = (response: Response, checkout: Checkout, step: 'contact' | 'payment', problem = '') =>
    pages.sendCheckout(response, {
      template: 'checkout',
      title: 'Checkout',
      objects: { checkout: checkoutObject(checkout, response), step, problem },
    })

  routes.get('/checkout', (_request, response) => {
    const { cart, browser, place } = visitOf(response)
    if (cart.lines.length === 0) return response.redirect(302, `${place.root}/cart`)
    const checkout = memory.beginCheckout(cart, browser, place.host)
    response.redirect(302, `${place.root}/checkouts/${checkout.token}`)
  })
  const known = (serve: (checkout: Checkout, request: Request, response: Response) => Promise<void>) =>
    guarded(async (request, response) => {
      const checkout = memory.checkouts.get(request.params.token ?? '')
      await (checkout ? serve(checkout, request, response) : pages.send(response, UNKNOWN))
    })

  routes.get(
    '/checkouts/:token',
    known(async (checkout, request, response) => {
      if (checkout.order) return response.redirect(302, thankYou(checkout, response))
      const hasContact = checkout.email !== null && request.query.step !== 'contact'
      await show(response, checkout, hasContact ? 'payment' : 'contact')
    }),
  )
  routes.post(
    '/checkouts/:token/contact',
    known(async (checkout, request, response) => {
      const { browser, place } = visitOf(response)
      if (checkout.order) return response.redirect(302, thankYou(checkout, response))
      const fields = await readFields(request)
      const text = (name: string) => String(fields[name] ?? '').trim()
      const contact = {
        email: text('email').toLowerCase(),
        first: text('first_name'),
        last: text('last_name'),
        marketing: 'marketing' in fields,
      }
      if (!memory.giveContact(checkout, contact, browser, place.host)) {
        return show(response, checkout, 'contact', 'Please enter an e-mail address.')
      }
      response.redirect(302, `${place.root}/checkouts/${checkout.token}`)
    }),
  )
  routes.post(
    '/checkouts/:token/pay',
    known(async (checkout, _request, response) => {
      const { browser, place } = visitOf(response)
      if (!checkout.email) return response.redirect(302, `${place.root}/checkouts/${checkout.token}`)
      memory.pay(checkout, browser, place.host)
      response.redirect(302, thankYou(checkout, response))
    }),
  )
  routes.get(
    '/checkouts/:token/thank-you',
    known(async (checkout, _request, response) => {
      if (!checkout.order) {
        return response.redirect(302, `${visitOf(response).place.root}/checkouts/${checkout.token}`)
      }
      const objects = { checkout: checkoutObject(checkout, response) }
      await pages.sendCheckout(response, { template: 'thank-you', title: 'Thank you', objects })
    }),
  )
  return routes
}

const thankYou = ({ token }: Checkout, response: Response) =>
  `${visitOf(response).place.root}/checkouts/${token}/thank-you`

function checkoutObject(checkout: Checkout, response: Response) {
  const { cart, token, email, marketing, customer, shipping, order } = checkout
  const { place } = visitOf(response)
  return {
    token,
    email,
    marketing,
    first_name: customer?.first ?? '',
    last_name: customer?.last ?? '',
    order_name: order?.name ?? null,
    subtotal: totalOf(cart),
    shipping: shipping * 100,
    total: totalOf(cart) + shipping * 100,
    lines: cart.lines.map(({ product, variant, quantity }) => ({
      title: product.title,
      options: variantTitle(variant) === null ? [] : variant.values,
      quantity,
      total: hundredths(variant.price) * quantity,
      image: imageObject(product, place),
    })),
  }
}
